#!/usr/bin/env bash
# Library: mermaid 11.17.2 (npm), with jsdom 29.1.1 for the DOM that its parser asks for; Node.js 20 or newer.
# Input: flowcharts with one label each, in which a quotation mark is written as Mermaid's entity code, as its documentation says:
#   "lifestyle<br/>failed:x#34;y", the same with "life" in the place of "lifestyle", and with the colon as an entity code too.
# Behaviour: before it reads entity codes, Mermaid drops the semicolon at the end of each stretch of a line from "style" over a colon
#   to "#…;", which is meant for style statements (fill:#fff;), and looks for it in labels too. The code is none any more, and is drawn.
# Seen: "lifestyle failed:x#34y", "life failed:x\"y", "lifestyle failed:x\"y".
# What follows: a diagram writes colons as entity codes too, so that no label has one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# What fails before the finding is looked at ends with 2, and a changed behaviour with 1.
prepare() { "$@" >log 2>&1 || { cat log >&2; exit 2; }; }
echo '{"private": true, "type": "module"}' >package.json
prepare npm install --ignore-scripts --no-audit --no-fund mermaid@11.17.2 jsdom@29.1.1
cat >read.mjs <<'JS'
import { JSDOM } from 'jsdom';
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
// Diagram types are registered by the first parse.
await mermaid.parse('flowchart LR');
for (const label of process.argv.slice(2)) {
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(`flowchart LR\n  a["${label}"]\n`);
  // Until it draws, Mermaid keeps the number of an entity code between these marks.
  const text = db.getVertices().get('a').text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
  console.log(text.replace(/<br\s*\/?>/g, ' '));
}
JS
prepare node read.mjs 'lifestyle<br/>failed:x#34;y' 'life<br/>failed:x#34;y' 'lifestyle<br/>failed#58;x#34;y'
cat log
diff - log <<'SEEN' || exit 1
lifestyle failed:x#34y
life failed:x"y
lifestyle failed:x"y
SEEN
