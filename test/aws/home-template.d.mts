export interface Resource {
  readonly Type: string
  readonly Properties: { readonly [name: string]: unknown }
}

export const BODIES: readonly string[]
export const ROUTES: readonly {
  readonly path: string
  readonly method: string
  readonly scope: string
}[]

/** Synthesizes a home with the bundles of `assets` into `outdir`; its name and template. */
export function homeTemplate(
  assets: string,
  outdir: string,
): Promise<{
  readonly name: string
  readonly template: { readonly Resources: { readonly [id: string]: Resource } }
}>
