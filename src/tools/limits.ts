// Owns: the numbers that bound every tool.
// Promises: one table; openToolset can override single entries.
// Never: read from the environment.

export type Limits = {
  /** What one result may hold of text. */
  readonly outputBytes: number;
  readonly outputLines: number;
  /** A command that writes more than this is stopped. */
  readonly floodBytes: number;
  readonly commandTimeoutMs: number;
  /** From SIGTERM to SIGKILL after a timeout. */
  readonly timeoutGraceMs: number;
  /** From SIGTERM to SIGKILL on abort and close. */
  readonly abortGraceMs: number;
  /** What a command's background processes have after it ended to finish by themselves. */
  readonly leftoverGraceMs: number;
  readonly readLines: number;
  readonly lineChars: number;
  /** Largest file that is held in memory: Edit, Write over a file, whole Read. */
  readonly fileBytes: number;
  readonly imageBytes: number;
  readonly pdfBytes: number;
  readonly globResults: number;
  readonly walkEntries: number;
  readonly grepResults: number;
  readonly searchTimeoutMs: number;
  /** What is read of a web page, unpacked. */
  readonly webBytes: number;
  /** From the first connection to the last byte, redirects included. */
  readonly webTimeoutMs: number;
  /** What is converted of a page: 1.5 million characters take about 10 seconds. */
  readonly htmlChars: number;
  readonly htmlTimeoutMs: number;
};

export const defaultLimits: Limits = {
  outputBytes: 30_000,
  outputLines: 2_000,
  floodBytes: 64 * 1024 * 1024,
  commandTimeoutMs: 120_000,
  timeoutGraceMs: 500,
  abortGraceMs: 50,
  leftoverGraceMs: 100,
  readLines: 2_000,
  lineChars: 2_000,
  fileBytes: 10 * 1024 * 1024,
  imageBytes: 3_750_000, // 5 MB once it is base64
  pdfBytes: 15_000_000, // leaves room in the 32 MB that a request may have
  globResults: 100,
  walkEntries: 200_000,
  grepResults: 250,
  searchTimeoutMs: 20_000,
  webBytes: 5 * 1024 * 1024,
  webTimeoutMs: 30_000,
  htmlChars: 1_500_000,
  htmlTimeoutMs: 30_000,
};
