// Runs a command that does not end, and one that leaves its group, in the folder given; is then killed by the test.
import { createPathResolver, openToolset } from '../../src/tools/index.ts';

const cwd = process.argv[2] ?? '.';
const { platform } = process;
const paths = createPathResolver({ home: cwd, platform });
const toolset = openToolset({ worker_id: 'held', cwd, names: ['Bash'], env: process.env, platform, paths });
const command = `setsid bash -c 'echo $$ > esc; exec sleep 1000' > /dev/null 2>&1 & echo $$ > pid; sleep 1000`;
await toolset.tools.get('Bash')?.run({ command }, new AbortController().signal);
