// Stands for the hidden sub-command of the binary.
import { runRipgrepChild } from '../../src/tools/index.ts';

process.exitCode = await runRipgrepChild(process.argv.slice(2));
