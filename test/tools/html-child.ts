// The child that tests start in place of the hidden sub-command.
import process from 'node:process';
import { runHtmlChild } from '../../src/tools/html-child.ts';

process.exit(await runHtmlChild());
