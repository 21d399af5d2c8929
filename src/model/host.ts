// Owns: telling Anthropic's own API from the servers that speak like it.
// Promises: by host name alone; a text that is no URL is not Anthropic's.
// Never: connects.

export type Host = { readonly anthropic: boolean; readonly baseUrl: string };

const anthropicUrl = 'https://api.anthropic.com';

export function hostOf(baseUrl: string = anthropicUrl): Host {
  const name = URL.canParse(baseUrl) ? new URL(baseUrl).hostname.toLowerCase() : '';
  return { anthropic: name === 'anthropic.com' || name.endsWith('.anthropic.com'), baseUrl };
}
