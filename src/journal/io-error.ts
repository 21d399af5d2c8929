// Owns: a system error, in words.
// Promises: the message names what was attempted, the cause in plain words and its code; the original is kept as cause.
// Never: hides an error that is not the system's.
import { AworkersError, codeOf, errorText } from '../contract/errors.ts';

const words: Readonly<Record<string, string>> = {
  ENOSPC: 'no space left on the device',
  EDQUOT: 'the disk quota is used up',
  EIO: 'the device failed',
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EROFS: 'the file system is read-only',
  EMFILE: 'too many open files',
  ENFILE: 'too many open files in the system',
  ENOENT: 'it does not exist',
  EISDIR: 'it is a directory',
};

/** `attempt` is a verb phrase: "write logs/worker-1.jsonl". */
export function ioError(attempt: string, error: unknown, hint: string): AworkersError {
  const code = codeOf(error) ?? '';
  const reason = words[code] === undefined ? errorText(error) : `${words[code]} (${code})`;
  return new AworkersError('io', `Could not ${attempt}: ${reason}.`, hint, { cause: error });
}
