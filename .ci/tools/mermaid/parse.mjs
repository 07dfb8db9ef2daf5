// Reads diagrams with Mermaid's own parser: node parse.mjs FOLDER...
// Beside each NAME.mmd is NAME.json with what it has to say: labels of nodes, edges and classes.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { JSDOM } from 'jsdom';

// Mermaid cleans labels with a library that asks for a browser's DOM.
const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
// Diagram types are registered by the first parse.
await mermaid.parse('flowchart LR');

// Mermaid keeps the code of a character between these marks until it draws.
const decoded = (text) => text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)));
const compareJSON = (a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1);
const byCodePoint = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b));

async function read(text) {
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const lines = new Map();
  const classes = {};
  for (const [id, node] of db.getVertices()) {
    lines.set(id, node.text.split(/<br\s*\/?>/).map(decoded));
    const shape = id.startsWith('t') ? 'cylinder' : 'square';
    if (node.type !== shape) throw new Error(`${id} is drawn as ${node.type}, not as ${shape}`);
    for (const name of node.classes) (classes[name] ??= []).push(lines.get(id)[0]);
  }
  for (const name of Object.keys(classes)) {
    classes[name].sort(byCodePoint);
    if (!db.getClasses().get(name)?.styles.length) throw new Error(`the class ${name} has no style`);
  }
  return {
    nodes: [...lines.values()].map((node) => node.join('|')).sort(byCodePoint),
    edges: db.getEdges().map((e) => [lines.get(e.start)[0], decoded(e.text), lines.get(e.end)[0]]).sort(compareJSON),
    classes,
  };
}

let failed = 0;
let count = 0;
for (const folder of process.argv.slice(2)) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.mmd')).sort()) {
    count++;
    const path = join(folder, file);
    const want = JSON.parse(readFileSync(path.replace(/\.mmd$/, '.json'), 'utf8'));
    want.nodes = (want.nodes ?? []).sort(byCodePoint);
    want.edges = (want.edges ?? []).sort(compareJSON);
    want.classes ??= {};
    try {
      const got = await read(readFileSync(path, 'utf8'));
      if (!isDeepStrictEqual(got, want)) throw new Error(`it says\n${JSON.stringify(got, null, 1)}\nand should say\n${JSON.stringify(want, null, 1)}`);
      console.log(`${path}: ${got.nodes.length} nodes, ${got.edges.length} edges`);
    } catch (error) {
      failed++;
      console.error(`${path}: ${error.message}`);
    }
  }
}
if (count === 0) {
  console.error('there are no diagrams');
  process.exit(1);
}
process.exit(failed ? 1 : 0);
