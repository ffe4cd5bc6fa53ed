/** HTML that is safe to put into a page as it is. */
export interface Html {
  readonly html: string
}

type Piece = Html | string | number | undefined | readonly Html[]

/** Markup with its holes escaped, except those that are Html already. */
export function html(parts: TemplateStringsArray, ...holes: readonly Piece[]): Html {
  return { html: parts.reduce((text, part, index) => text + pieceText(holes[index - 1]) + part) }
}

function pieceText(piece: Piece): string {
  if (piece === undefined) return ''
  if (typeof piece === 'string' || typeof piece === 'number') return escapeHtml(String(piece))
  return 'html' in piece ? piece.html : piece.map((one) => one.html).join('')
}

/** Text as it may stand in an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
