// Owns: the floor: the least that any program must do for these turns: Bun's fetch, the reply read to its end, a canned result.
// Promises: the same requests in number, order and growth as a worker; nothing is parsed, judged, run or written.
import process from 'node:process';
import { readSettings } from './settings.ts';

const [address, requestCharacters, ...flags] = process.argv.slice(2);
const settings = readSettings(flags);
const [workers = 1] = settings.n;
const { turns, tool, result } = settings;

const encoder = new TextEncoder();
const system = 's'.repeat(Number(requestCharacters));
const use = (turn: number) => ({
  type: 'tool_use',
  id: `toolu_${turn}`,
  name: tool,
  input: { file_path: 'notes.txt' },
});
const outcome = (turn: number) => ({ type: 'tool_result', tool_use_id: `toolu_${turn}`, content: 'x'.repeat(result) });

async function converse(): Promise<void> {
  let messages = JSON.stringify({ role: 'user', content: 'Read notes.txt three times.' });
  for (let turn = 0; turn <= turns; turn += 1) {
    const body = `{"model":"claude-sonnet-5-5","max_tokens":32000,"stream":true,"system":"${system}","messages":[${messages}]}`;
    const response = await fetch(`${address}/v1/messages`, { method: 'POST', body: encoder.encode(body) });
    await response.bytes();
    const said = { role: 'assistant', content: [{ type: 'text', text: 'word '.repeat(settings.tokens) }, use(turn)] };
    messages += `,${JSON.stringify(said)},${JSON.stringify({ role: 'user', content: [outcome(turn)] })}`;
  }
}

await Promise.all(Array.from({ length: workers }, converse));
process.exit(0);
