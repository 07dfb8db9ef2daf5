package flink

import "strings"

// Nearest returns the name that is spelled almost like another, empty for none:
// apart from case, hyphens and a plural, by one letter, or two in a long name.
func Nearest(name string, known []string) string {
	plain := func(text string) string {
		return strings.TrimSuffix(strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(text)), "s")
	}
	for _, candidate := range known {
		if plain(candidate) == plain(name) {
			return candidate
		}
	}
	best, least := "", 2
	if len(name) >= 8 {
		least = 3
	}
	if len(name) < 4 {
		return ""
	}
	for _, candidate := range known {
		if distance := typingErrors(strings.ToLower(name), strings.ToLower(candidate)); distance < least {
			best, least = candidate, distance
		}
	}
	return best
}

// typingErrors counts the letters that are missing, too many, wrong or swapped
// with their neighbor (the optimal string alignment distance).
func typingErrors(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range len(b) + 1 {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
