// Owns: a server with the tools, resources and prompts that the conformance suite looks for.
// Promises: it speaks through the product's own transport, so that every scenario proves that file.
// Never: part of the product.
import {
  CallToolRequestSchema,
  type CallToolResult,
  CompleteRequestSchema,
  type ContentBlock,
  type ElicitRequestFormParams,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  SetLevelRequestSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import {
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  type ProgressToken,
  ReadResourceRequestSchema,
  Server,
} from '../../src/mcp/sdk.ts';
import { StdioTransport } from '../../src/mcp/stdio-transport.ts';

type Report = (progress: number) => Promise<void>;
type Answer = readonly ContentBlock[] | Promise<readonly ContentBlock[]>;
type Tool = {
  readonly input?: { readonly type: 'object'; readonly [key: string]: unknown };
  readonly call: (input: Readonly<Record<string, unknown>>, report: Report) => Answer;
};

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';
const wav = 'UklGRiYAAABXQVZFZm10IBAAAAABAAEAQB8AAAB9AAACABAAZGF0YQIAAAAAAA==';
const image = { type: 'image', data: png, mimeType: 'image/png' } as const;
const mixed = { uri: 'test://mixed-content-resource', mimeType: 'application/json', text: '{"test":"data"}' };
const word = { type: 'string' } as const;
const options = ['option1', 'option2', 'option3'];
const choices = [1, 2, 3].map((n) => ({ const: `value${n}`, title: `Choice ${n}` }));
const withKeywords = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: { address: { type: 'object', properties: { street: word, city: word } } },
  properties: { name: word, address: { $ref: '#/$defs/address' } },
  additionalProperties: false,
} as const;

const capabilities = {
  tools: {},
  logging: {},
  completions: {},
  prompts: {},
  resources: { subscribe: true, listChanged: true },
};
const server = new Server({ name: 'conformance-fixture', version: '0' }, { capabilities });

const tools: Readonly<Record<string, Tool>> = {
  test_simple_text: { call: () => [text('This is a simple text response for testing.')] },
  test_image_content: { call: () => [image] },
  test_audio_content: { call: () => [{ type: 'audio', data: wav, mimeType: 'audio/wav' }] },
  test_embedded_resource: {
    call: () => [resource(page('test://embedded-resource', 'This is an embedded resource content.'))],
  },
  test_multiple_content_types: { call: () => [text('Multiple content types test:'), image, resource(mixed)] },
  test_error_handling: {
    call: () => Promise.reject(new Error('This tool intentionally returns an error for testing')),
  },
  test_tool_with_logging: {
    call: async () => {
      for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
        await server.sendLoggingMessage({ level: 'info', data });
        await pause();
      }
      return [text('Logged three messages.')];
    },
  },
  test_tool_with_progress: {
    call: async (_input, report) => {
      for (const progress of [0, 50, 100]) {
        await report(progress);
        await pause();
      }
      return [text('Reported progress.')];
    },
  },
  test_sampling: {
    input: { type: 'object', properties: { prompt: word }, required: ['prompt'] },
    call: async ({ prompt }) => {
      const messages = [{ role: 'user', content: text(String(prompt)) } as const];
      const { content } = await server.createMessage({ messages, maxTokens: 100 });
      return [text(`LLM response: ${JSON.stringify(content)}`)];
    },
  },
  test_elicitation: elicits({
    username: { ...word, description: "User's response" },
    email: { ...word, description: "User's email address" },
  }),
  test_elicitation_sep1034_defaults: elicits({
    name: { ...word, default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { ...word, enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  }),
  test_elicitation_sep1330_enums: elicits({
    untitledSingle: { ...word, enum: options },
    titledSingle: { ...word, oneOf: choices },
    legacyEnum: { ...word, enum: ['opt1', 'opt2', 'opt3'], enumNames: ['Option One', 'Option Two', 'Option Three'] },
    untitledMulti: { type: 'array', items: { ...word, enum: options } },
    titledMulti: { type: 'array', items: { anyOf: choices } },
  }),
  json_schema_2020_12_tool: { input: withKeywords, call: () => [text('ok')] },
};

const prompts: Readonly<Record<string, (given: Readonly<Record<string, string>>) => readonly ContentBlock[]>> = {
  test_simple_prompt: () => [text('This is a simple prompt for testing.')],
  test_prompt_with_arguments: ({ arg1, arg2 }) => [text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  test_prompt_with_embedded_resource: ({ resourceUri = '' }) => [
    resource(page(resourceUri, 'Embedded resource content for testing.')),
    text('Please process the embedded resource above.'),
  ],
  test_prompt_with_image: () => [image, text('Please analyze the image above.')],
};

server.setRequestHandler(ListToolsRequestSchema, () => ({
  tools: Object.entries(tools).map(([name, { input }]) => ({
    name,
    description: `For the scenario of ${name}`,
    inputSchema: input ?? { type: 'object' as const },
  })),
}));
server.setRequestHandler(CallToolRequestSchema, async ({ params }, { sendNotification }): Promise<CallToolResult> => {
  const progressToken: ProgressToken | undefined = params['_meta']?.progressToken;
  const report: Report = async (progress) => {
    if (progressToken === undefined) return;
    await sendNotification({ method: 'notifications/progress', params: { progressToken, progress, total: 100 } });
  };
  try {
    const tool = tools[params.name];
    if (tool === undefined) throw new Error(`Unknown tool ${params.name}`);
    return { content: [...(await tool.call(params.arguments ?? {}, report))] };
  } catch (error) {
    return { isError: true, content: [text(String(error))] };
  }
});

server.setRequestHandler(ListResourcesRequestSchema, () => ({
  resources: ['static-text', 'static-binary'].map((name) => ({ name, uri: `test://${name}`, description: name })),
}));
server.setRequestHandler(ListResourceTemplatesRequestSchema, () => ({
  resourceTemplates: [{ name: 'template', uriTemplate: 'test://template/{id}/data' }],
}));
server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }) => {
  const id = /^test:\/\/template\/(.*)\/data$/.exec(uri)?.[1];
  if (id !== undefined) {
    return { contents: [{ uri, mimeType: 'application/json', text: JSON.stringify({ id, templateTest: true }) }] };
  }
  if (uri === 'test://static-binary') return { contents: [{ uri, mimeType: 'image/png', blob: png }] };
  return { contents: [page(uri, 'This is the content of the static text resource.')] };
});
server.setRequestHandler(SubscribeRequestSchema, () => ({}));
server.setRequestHandler(UnsubscribeRequestSchema, () => ({}));
server.setRequestHandler(SetLevelRequestSchema, () => ({}));

server.setRequestHandler(ListPromptsRequestSchema, () => ({
  prompts: Object.keys(prompts).map((name) => ({ name, description: `For the scenario of ${name}` })),
}));
server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
  const content = prompts[params.name]?.(params.arguments ?? {}) ?? [];
  return { messages: content.map((block) => ({ role: 'user', content: block }) as const) };
});
server.setRequestHandler(CompleteRequestSchema, ({ params }) => {
  const values = ['test', 'testing'].filter((value) => value.startsWith(params.argument.value));
  return { completion: { values, total: values.length, hasMore: false } };
});

process.stdin.on('end', () => process.exit(0));
await server.connect(new StdioTransport(process.stdin, process.stdout));

function elicits(properties: ElicitRequestFormParams['requestedSchema']['properties']): Tool {
  return {
    call: async ({ message }) => {
      const requestedSchema = { type: 'object', properties } as const;
      const asked = {
        mode: 'form',
        message: typeof message === 'string' ? message : 'Please',
        requestedSchema,
      } as const;
      const { action, content } = await server.elicitInput(asked);
      return [text(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)];
    },
  };
}

function text(words: string) {
  return { type: 'text', text: words } as const;
}

function page(uri: string, words: string) {
  return { uri, mimeType: 'text/plain', text: words };
}

function resource(content: { readonly uri: string; readonly mimeType: string; readonly text: string }) {
  return { type: 'resource', resource: content } as const;
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 50));
}
