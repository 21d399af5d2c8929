// Owns: what the CLI knows of the app: one call that opens it, and the plain data it shows.
// Promises: no command knows more of the app than this; tests hand in another one.
export type { App, AppConfig, ExplainQuery, Grants, ModelRow, OpenApp } from '../app-config.ts';
export { sandboxModes, type SandboxMode } from '../app-config.ts';
