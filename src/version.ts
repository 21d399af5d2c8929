// Owns: what this build is. The two constants are set by scripts/build.mjs; a run from source has none.
declare const AWORKERS_VERSION: string | undefined;
declare const AWORKERS_COMMIT: string | undefined;

export const version = typeof AWORKERS_VERSION === 'undefined' ? '0.0.0-dev' : AWORKERS_VERSION;
export const commit = typeof AWORKERS_COMMIT === 'undefined' ? 'source' : AWORKERS_COMMIT;
