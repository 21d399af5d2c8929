// Owns: a headless Chromium driven over its debugging protocol: pages opened, measured, photographed.
// Promises: a fresh profile, gone afterwards; ends the process that it started and no other.
// Never: loads anything but the page it is given.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Where Chromium is: CHROMIUM, else the usual places; undefined: nowhere. */
export function findChromium(): string | undefined {
  const named = process.env['CHROMIUM'];
  return (named === undefined ? places : [named]).find((path) => existsSync(path));
}

export type View = {
  readonly url: string;
  readonly width: number;
  readonly height: number;
  readonly scheme: 'light' | 'dark';
  /** Off: what a reader without scripts sees. */
  readonly scripts?: boolean;
  /** Run in the page before the picture. */
  readonly before?: string;
  /** The whole page instead of the window, up to this height. */
  readonly full?: number;
};

export type Seen = {
  readonly png: Buffer;
  /** Errors and warnings of the console, exceptions, refused loads. */
  readonly complaints: readonly string[];
  /** Addresses that the page asked for, itself included. */
  readonly requests: readonly string[];
  readonly firstPaintMs: number;
  readonly loadedMs: number;
  /** What `before` came to. */
  readonly value: unknown;
};

export type Browser = { readonly look: (view: View) => Promise<Seen>; readonly close: () => Promise<void> };

export async function openChromium(program: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'aworkers-chromium-'));
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'];
  const quiet = ['--disable-background-networking', '--disable-component-update', '--hide-scrollbars'];
  const child = spawn(program, [...flags, ...quiet, `--user-data-dir=${profile}`, '--remote-debugging-port=0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const connection = await connect(await debuggerAddress(child));
  return {
    look: (view) => look(connection, view),
    close: async () => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      connection.close();
      child.kill('SIGKILL');
      await gone;
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function debuggerAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (address !== undefined) resolve(address);
    });
    child.once('exit', (code) => reject(new Error(`Chromium ended with ${code}: ${text.slice(-500)}`)));
    child.once('error', reject);
  });
}

type Answer = Readonly<Record<string, any>>; // eslint-disable-line typescript/no-explicit-any
type Listener = (method: string, parameters: Answer, session: string) => void;
type Connection = {
  readonly send: (method: string, parameters?: object, session?: string) => Promise<Answer>;
  readonly listen: (listener: Listener) => () => void;
  readonly close: () => void;
};

async function connect(address: string): Promise<Connection> {
  const socket = new WebSocket(address);
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>();
  const listeners = new Set<Listener>();
  let last = 0;
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Answer;
    const call = waiting.get(message['id']);
    waiting.delete(message['id']);
    if (message['error'] !== undefined) call?.reject(new Error(message['error'].message));
    else if (call !== undefined) call.resolve(message['result']);
    else for (const listener of listeners) listener(message['method'], message['params'] ?? {}, message['sessionId']);
  });
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve);
    socket.addEventListener('error', () => reject(new Error(`no connection to ${address}`)));
  });
  return {
    send: (method, params = {}, sessionId) =>
      new Promise((resolve, reject) => {
        last += 1;
        waiting.set(last, { resolve, reject });
        socket.send(JSON.stringify({ id: last, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
      }),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: () => socket.close(),
  };
}

/** The entry may come after the load event: observed, also when it is there already. */
const firstPaint = `new Promise((resolve) => new PerformanceObserver((list) => {
  for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') resolve(startTime);
}).observe({ type: 'paint', buffered: true }))`;

async function look({ send, listen }: Connection, view: View): Promise<Seen> {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call = (method: string, parameters?: object) => send(method, parameters, sessionId);
  const complaints: string[] = [];
  const requests: string[] = [];
  let loaded = () => {};
  const load = new Promise<void>((resolve) => (loaded = resolve));
  const stop = listen((method, parameters, session) => {
    if (session !== sessionId) return;
    if (method === 'Page.loadEventFired') loaded();
    if (method === 'Network.requestWillBeSent') requests.push(parameters['request'].url);
    if (method === 'Log.entryAdded') complaints.push(parameters['entry'].text);
    if (method === 'Runtime.exceptionThrown')
      complaints.push(parameters['exceptionDetails'].exception?.description ?? '');
    if (method === 'Runtime.consoleAPICalled') complaints.push(JSON.stringify(parameters['args']));
  });
  try {
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await call(`${domain}.enable`);
    const { width, height } = view;
    const metrics = { width, height, deviceScaleFactor: 1, mobile: width < 600 };
    await call('Emulation.setDeviceMetricsOverride', metrics);
    await call('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: view.scheme }] });
    if (view.scripts === false) await call('Emulation.setScriptExecutionDisabled', { value: true });
    await call('Page.navigate', { url: view.url });
    await load;
    const run = async (expression: string) =>
      (await call('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true }))['result']?.value;
    const frame = 'new Promise((r) => requestAnimationFrame(() => requestAnimationFrame(r)))';
    if (view.scripts !== false) await run(frame);
    const value = view.before === undefined ? undefined : await run(view.before);
    const paint = view.scripts === false ? -1 : await run(firstPaint);
    const loadedMs = await run(`performance.getEntriesByType('navigation')[0]?.loadEventStart ?? -1`);
    if (view.full !== undefined) {
      const page = await run('document.documentElement.scrollHeight');
      await call('Emulation.setDeviceMetricsOverride', { ...metrics, height: Math.min(view.full, Number(page)) });
    }
    if (view.scripts !== false) await run(frame);
    const { data } = await call('Page.captureScreenshot', { format: 'png' });
    return { png: Buffer.from(data, 'base64'), complaints, requests, firstPaintMs: paint, loadedMs, value };
  } finally {
    stop();
    await send('Target.closeTarget', { targetId });
  }
}
