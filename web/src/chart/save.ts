import type { Api } from '../data/api.ts'

const SHARPNESS = 2

/**
 * Downloads a report's rows as CSV, safe to open in a spreadsheet: the server writes it. Says whether the server's own limit
 * cut them. Throws ProblemError.
 */
export async function saveCsv(
  api: Api,
  name: string,
  query: string,
  file: string,
): Promise<{ readonly isCut: boolean }> {
  const path = `/v1/reports/${encodeURIComponent(name)}?${query}`
  const { blob, isCut } = await api.inTurn(async () => {
    const answer = await api.open(path, { accept: 'text/csv' })
    return { blob: await answer.blob(), isCut: answer.headers.get('x-truncated') === 'true' }
  })
  save(blob, `${file}.csv`)
  return { isCut }
}

/** Downloads an SVG document as PNG, on the page's own ground. */
export async function savePng(svg: string, file: string): Promise<void> {
  const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image()
    image.src = address
    await image.decode()
    save(await painted(image), `${file}.png`)
  } finally {
    URL.revokeObjectURL(address)
  }
}

/** Downloads a text. */
export function saveText(text: string, name: string, type: string): void {
  save(new Blob([text], { type }), name)
}

function painted(image: HTMLImageElement): Promise<Blob> {
  const canvas = document.createElement('canvas')
  canvas.width = image.width * SHARPNESS
  canvas.height = image.height * SHARPNESS
  const context = canvas.getContext('2d')!
  context.fillStyle = getComputedStyle(document.body).backgroundColor
  context.fillRect(0, 0, canvas.width, canvas.height)
  context.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture came out')))),
  )
}

/** Downloads it under a name. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}
