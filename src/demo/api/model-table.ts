// Owns: what each model accepts, as the scripted API enforces it.
// Promises: written down apart from the client's model data, so that a test of one against the other is a real check.
// Never: prices, aliases for people, or a rule in code.

export type ThinkingType = 'adaptive' | 'enabled' | 'disabled' | 'between_tools';
export type EffortLevel = 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type ModelRow = {
  readonly id: string;
  /** Other ids that mean the same model. */
  readonly also: readonly string[];
  readonly context: number;
  readonly maxOutput: number;
  readonly thinking: readonly ThinkingType[];
  /** What a request without `thinking` gets. */
  readonly thinkingDefault: 'on' | 'off';
  /** Empty: the model does not take the parameter. */
  readonly efforts: readonly EffortLevel[];
  readonly effortDefault: EffortLevel;
  /** Whether disabled and between_tools are refused above effort high. */
  readonly offNeedsEffortHigh: boolean;
  /** no: refused but for harmless defaults; ruled: by the documented rules; free: anything in range. */
  readonly sampling: 'no' | 'ruled' | 'free';
  readonly forcedToolChoice: 'never' | 'always' | 'not-with-enabled';
  readonly prefill: boolean;
  readonly cacheMinimum: number;
  /** Thinking blocks are valid only after the exact prefix they were made under. */
  readonly bindsThinking: boolean;
};

const all: readonly EffortLevel[] = ['low', 'medium', 'high', 'xhigh', 'max'];

const modern = {
  also: [],
  context: 1_000_000,
  maxOutput: 128_000,
  thinking: ['adaptive'],
  thinkingDefault: 'on',
  efforts: all,
  effortDefault: 'high',
  offNeedsEffortHigh: false,
  sampling: 'no',
  forcedToolChoice: 'never',
  prefill: false,
  cacheMinimum: 512,
  bindsThinking: true,
} as const satisfies Omit<ModelRow, 'id'>;

const four7 = {
  ...modern,
  thinking: ['adaptive', 'disabled'],
  thinkingDefault: 'off',
  forcedToolChoice: 'always',
  bindsThinking: false,
} as const satisfies Omit<ModelRow, 'id'>;

const four6 = {
  ...four7,
  thinking: ['adaptive', 'enabled', 'disabled'],
  efforts: ['low', 'medium', 'high', 'max'],
  sampling: 'ruled',
  forcedToolChoice: 'not-with-enabled',
} as const satisfies Omit<ModelRow, 'id'>;

const four5 = {
  ...four6,
  context: 200_000,
  maxOutput: 64_000,
  thinking: ['enabled', 'disabled'],
  efforts: [],
  prefill: true,
} as const satisfies Omit<ModelRow, 'id'>;

export const modelTable: readonly ModelRow[] = [
  { id: 'claude-fable-5-2', ...modern },
  { id: 'claude-mythos-5-2', ...modern },
  { id: 'claude-fable-5-1', ...modern },
  { id: 'claude-mythos-5-1', ...modern },
  { id: 'claude-fable-5', ...modern, bindsThinking: false },
  { id: 'claude-mythos-5', ...modern, bindsThinking: false },
  {
    id: 'claude-mythos-preview',
    ...modern,
    thinking: ['adaptive', 'enabled'],
    cacheMinimum: 2048,
    bindsThinking: false,
  },
  { id: 'claude-opus-5-5', ...modern, effortDefault: 'medium' },
  {
    id: 'claude-opus-5',
    ...modern,
    thinking: ['adaptive', 'disabled'],
    offNeedsEffortHigh: true,
    forcedToolChoice: 'always',
    bindsThinking: false,
  },
  { id: 'claude-sonnet-5-5', ...modern, thinking: ['adaptive', 'between_tools'], offNeedsEffortHigh: true },
  {
    id: 'claude-haiku-5-5',
    ...modern,
    thinking: ['adaptive', 'disabled'],
    effortDefault: 'medium',
    offNeedsEffortHigh: true,
    forcedToolChoice: 'always',
  },
  { id: 'claude-sonnet-5', ...four7, thinkingDefault: 'on', cacheMinimum: 1024 },
  { id: 'claude-opus-4-8', ...four7, cacheMinimum: 1024 },
  { id: 'claude-opus-4-7', ...four7, cacheMinimum: 2048 },
  { id: 'claude-opus-4-6', ...four6, cacheMinimum: 4096 },
  { id: 'claude-sonnet-4-6', ...four6, cacheMinimum: 1024 },
  {
    id: 'claude-opus-4-5',
    ...four5,
    also: ['claude-opus-4-5-20251101'],
    efforts: ['low', 'medium', 'high'],
    cacheMinimum: 4096,
  },
  { id: 'claude-sonnet-4-5', ...four5, also: ['claude-sonnet-4-5-20250929'], cacheMinimum: 1024 },
  { id: 'claude-haiku-4-5', ...four5, also: ['claude-haiku-4-5-20251001'], cacheMinimum: 4096 },
];

/** A model of a compatible server: takes every documented field, checks none of it per model. */
export function permissiveModel(id: string): ModelRow {
  return {
    ...modern,
    id,
    thinking: ['adaptive', 'enabled', 'disabled', 'between_tools'],
    thinkingDefault: 'off',
    sampling: 'free',
    forcedToolChoice: 'always',
    prefill: true,
    bindsThinking: false,
  };
}

export function findModel(rows: readonly ModelRow[], id: string): ModelRow | undefined {
  return rows.find((row) => row.id === id || row.also.includes(id));
}
