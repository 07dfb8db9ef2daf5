package flinksql

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// tokenKind is what a token is.
type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted
	tokenLiteral
	tokenNumber
	tokenSymbol
)

// position is a place in a text as Flink counts, from 1.
type position struct{ line, column int }

// token is a word, a name in quotes, a text, a number or a character of a text, and at
// last its end.
type token struct {
	kind tokenKind
	// image is the token as it is written, and value what it means: a name or a text
	// without its quotes.
	image, value string
	from, to     position
	// start and stop are where it is in the text, in bytes.
	start, stop int
}

// is tells whether a token is a word of the language, or a character.
func (t token) is(words ...string) bool {
	return (t.kind == tokenWord || t.kind == tokenSymbol) && slices.Contains(words, strings.ToUpper(t.image))
}

// names tells whether a token can be a name, or a part of one.
func (t token) names() bool {
	return t.kind == tokenQuoted || t.kind == tokenWord && !slices.Contains(reserved, strings.ToUpper(t.image))
}

// reserved are words that are no names unless they are quoted.
var reserved = strings.Fields(`ALL ALTER ANALYZE AND ANY AS BEGIN BETWEEN BY CALL CASE CAST CATALOG CATALOGS COMMIT CREATE CROSS CURRENT DATABASES
	DELETE DESCRIBE DISTINCT DROP ELSE END EXCEPT EXECUTE EXISTS EXPLAIN EXTENDED FALSE FETCH FOR FROM FULL FUNCTION FUNCTIONS GRANT GROUP HAVING IN INNER INSERT
	INTERSECT INTERVAL INTO IS JOIN LATERAL LEFT LIKE LIMIT MERGE NATURAL NOT NULL OFFSET ON OR ORDER OUTER OVER PARTITION RENAME RESET REVOKE RIGHT
	ROLLBACK ROW ROWS SELECT SET SHOW SOME STATEMENT TABLE TABLES THEN TO TRUE TRUNCATE UNION UNIQUE UNNEST UPDATE USE USER USING VALUES VIEWS WHEN WHERE WINDOW WITH`)

// scan returns the tokens of a text, the last of which is its end. fault is why there
// are none.
func scan(text string) (tokens []token, fault string) {
	s := scanner{text: text, at: position{1, 1}}
	for {
		if s.skip(); s.fault != "" {
			return nil, s.fault
		}
		from, start := s.at, s.offset
		kind := s.token()
		image := text[start:s.offset]
		t := token{kind: kind, image: image, value: image, from: from, to: s.last, start: start, stop: s.offset}
		if kind == tokenEnd {
			t.from = s.last
			return append(tokens, t), ""
		}
		if kind == tokenQuoted || kind == tokenLiteral {
			quote := image[:1]
			t.value = strings.ReplaceAll(image[1:len(image)-1], quote+quote, quote)
		}
		tokens = append(tokens, t)
	}
}

// scanner goes through a text.
type scanner struct {
	text   string
	offset int
	// at is the place of the next character, and last that of the last one.
	at, last position
	fault    string
}

// next returns the character at a distance, 0 behind the end.
func (s *scanner) next(distance int) byte {
	if s.offset+distance < len(s.text) {
		return s.text[s.offset+distance]
	}
	return 0
}

// step goes on by one character.
func (s *scanner) step() {
	r, size := utf8.DecodeRuneInString(s.text[s.offset:])
	s.last = s.at
	s.offset += size
	// Java counts the halves of a character.
	s.at.column += max(utf16.RuneLen(r), 1)
	if r == '\n' {
		s.at = position{s.at.line + 1, 1}
	}
}

// skip goes behind blanks and comments. Hints are comments to it.
func (s *scanner) skip() {
	for {
		switch two := string([]byte{s.next(0), s.next(1)}); {
		case two == "--", two == "//":
			for s.next(0) != '\n' && s.offset < len(s.text) {
				s.step()
			}
		case two == "/*":
			end := strings.Index(s.text[s.offset+2:], "*/")
			stop := s.offset + 2 + end + 2
			for s.offset < len(s.text) && (end < 0 || s.offset < stop) {
				s.step()
			}
			if end < 0 {
				s.fault = parseFault + fmt.Sprintf(`Lexical error at line %d, column %d.  Encountered: <EOF> after : ""`, s.at.line, s.at.column)
				return
			}
		case s.offset < len(s.text) && strings.ContainsRune(" \t\r\n\f", rune(s.next(0))):
			s.step()
		default:
			return
		}
	}
}

// token goes behind one token.
func (s *scanner) token() tokenKind {
	switch c := s.next(0); {
	case c == 0:
		return tokenEnd
	case c == '\'' || c == '`':
		if end := s.quoted(c); end > 0 {
			for s.offset < end {
				s.step()
			}
			if c == '`' {
				return tokenQuoted
			}
			return tokenLiteral
		}
		s.step()
		return tokenSymbol
	case c >= '0' && c <= '9':
		for s.next(0) >= '0' && s.next(0) <= '9' || s.next(0) == '.' {
			s.step()
		}
		return tokenNumber
	case inWord(s.text[s.offset:]):
		for inWord(s.text[s.offset:]) {
			s.step()
		}
		return tokenWord
	}
	s.step()
	return tokenSymbol
}

// quoted returns where a quote that begins here has ended, 0 when it does not.
func (s *scanner) quoted(quote byte) int {
	for i := s.offset + 1; i < len(s.text); i++ {
		switch {
		case s.text[i] != quote:
		case i+1 < len(s.text) && s.text[i+1] == quote:
			i++
		default:
			return i + 1
		}
	}
	return 0
}

// inWord tells whether a text begins with a character of a word.
func inWord(text string) bool {
	r, _ := utf8.DecodeRuneInString(text)
	return r == '_' || r == '$' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
