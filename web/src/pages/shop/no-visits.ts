/** In place of what is drawn from visits, where there are none. */
export const NO_VISITS =
  'No visits in these days. They come from the page script: see docs/guides/website.md.'
