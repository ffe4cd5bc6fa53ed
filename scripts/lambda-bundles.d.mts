/** Names of the functions. */
export function functionNames(): string[]
/** Bundles functions into `<directory>/<name>/index.mjs`. */
export function bundleLambdas(directory: string, names?: readonly string[]): Promise<object>
