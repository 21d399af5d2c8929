import assert from 'node:assert/strict';
import test from 'node:test';
import * as api from '../fakes/messages-api.ts';
import { ask, clientFor, requestFor } from './wire.ts';

test('a reply arrives whole: blocks, stop reason, usage, cost', async () => {
  await api.withApi(
    {
      script: [
        api.reply(['Hello', api.toolUse('Read', { file_path: '/a' }, { id: 'toolu_1' })], { stopReason: 'tool_use' }),
      ],
    },
    async (server) => {
      const client = clientFor(server.url);
      const tools = [{ name: 'Read', description: 'Reads.', input_schema: { type: 'object', properties: {} } }];
      const { result, retries } = await ask(client, requestFor('hi', { tools }));
      client.close();
      assert.deepEqual(retries, []);
      assert.equal(result.type, 'replied');
    },
  );
});
