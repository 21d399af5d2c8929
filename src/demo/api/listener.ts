// Owns: the listening socket on loopback: open, closed, open again on the same port.
// Promises: closing resets every open connection; the port stays the same for its whole life.
// Never: reads a request.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export type Listener = {
  readonly port: number;
  stop(): Promise<void>;
  start(): Promise<void>;
};

export async function listenOnLoopback(handle: RequestListener): Promise<Listener> {
  const sockets = new Set<Socket>();
  let server: Server | undefined;
  const open = async (port: number): Promise<number> => {
    const next = createServer({ keepAliveTimeout: 60_000 }, handle);
    next.on('connection', (socket: Socket) => {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => sockets.delete(socket)); // a client that went away is no fault of ours
    });
    await new Promise<void>((resolve, reject) => {
      next.once('error', reject);
      next.listen(port, '127.0.0.1', resolve);
    });
    server = next;
    return (next.address() as AddressInfo).port;
  };
  const port = await open(0);
  return {
    port,
    start: async () => {
      if (server === undefined) await open(port);
    },
    stop: async () => {
      const closing = server;
      server = undefined;
      if (closing === undefined) return;
      const closed = new Promise<void>((resolve) => void closing.close(() => resolve()));
      closing.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
