// Stands for the hidden sub-command of the binary.
import { runRipgrepChild } from '../../src/tools/ripgrep-child.ts';

process.exitCode = await runRipgrepChild(process.argv.slice(2));
