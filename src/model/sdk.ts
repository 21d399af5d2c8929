// Owns: the one seam to Anthropic's SDK: every name of it that this room uses, and nothing else, so that a build leaves out
// the rest of it (a class for each endpoint).
// Promises: loaded with the first request.
// Never: adds behaviour.

export { APIConnectionError, APIError, BaseAnthropic } from '@anthropic-ai/sdk';
