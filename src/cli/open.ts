// Owns: opening the app for a command that looks at workers and starts none.
// Promises: the app is closed whatever the command does.
// Never: grants anything.
import type { App } from '../app-config.ts';
import { appConfig, type ConfigInput } from './config.ts';
import type { CliIo } from './io.ts';

export async function withApp<T>(io: CliIo, input: ConfigInput, use: (app: App) => Promise<T>): Promise<T> {
  const app = await io.openApp(appConfig(io, input));
  try {
    return await use(app);
  } finally {
    await app.close('the command has ended');
  }
}
