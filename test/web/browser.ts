import { execFile } from 'node:child_process'
import { createReadStream, createWriteStream, existsSync } from 'node:fs'
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pipeline } from 'node:stream/promises'
import { promisify } from 'node:util'
import { createBrotliDecompress } from 'node:zlib'
import { type Browser, chromium } from 'playwright-core'

/** Where the package keeps its packed parts; its main file lies in build/cjs. */
const PACKED = path.join(
  path.dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')),
  '../../bin',
)
const UNPACKED = path.resolve('node_modules/.cache/shoplake-browser')
const FLAGS = [
  '--disable-gpu',
  '--no-zygote',
  '--font-render-hinting=none',
  '--no-default-browser-check',
]

/**
 * A browser without anything installed on the machine: Chromium, its libraries and a font come packed from npm, for
 * Linux on x64. Elsewhere it is the Chrome that the machine has.
 */
export async function launchBrowser(): Promise<Browser> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return chromium.launch({ channel: 'chrome' })
  }
  const directory = await unpacked()
  return chromium.launch({
    executablePath: path.join(directory, 'chromium'),
    args: FLAGS,
    // Its sandbox wants a user that is not root and namespaces that containers refuse. It only sees our own pages.
    chromiumSandbox: false,
    env: {
      ...(process.env as { [name: string]: string }),
      LD_LIBRARY_PATH: path.join(directory, 'lib'),
      FONTCONFIG_FILE: path.join(directory, 'fonts.conf'),
    },
  })
}

/** The directory with the unpacked parts, made once for each version of the package. */
async function unpacked(): Promise<string> {
  const manifest = await readFile(path.join(PACKED, '../package.json'), 'utf8')
  const directory = path.join(UNPACKED, JSON.parse(manifest).version)
  if (existsSync(directory)) return directory
  await mkdir(UNPACKED, { recursive: true })
  const half = await mkdtemp(path.join(UNPACKED, 'half-'))
  await Promise.all([
    inflate('chromium.br', path.join(half, 'chromium')),
    unpack('al2023.tar', half),
    unpack('fonts.tar', half),
  ])
  await chmod(path.join(half, 'chromium'), 0o755)
  await writeFile(path.join(half, 'fonts.conf'), fontConfiguration(directory))
  await place(half, directory)
  return directory
}

/** Renamed when whole: of two test runs that unpack at once, the first one's work stays. */
async function place(half: string, directory: string): Promise<void> {
  try {
    await rename(half, directory)
  } catch (error) {
    if (!existsSync(directory)) throw error
    await rm(half, { recursive: true })
  }
}

async function unpack(name: string, directory: string): Promise<void> {
  const archive = path.join(directory, name)
  await inflate(`${name}.br`, archive)
  await promisify(execFile)('tar', ['-xf', archive, '-C', directory])
  await rm(archive)
}

function inflate(name: string, to: string): Promise<void> {
  const from = createReadStream(path.join(PACKED, name))
  return pipeline(from, createBrotliDecompress(), createWriteStream(to))
}

/** The package's font is the one for every text; a fixed-width one is taken from the machine where it has any. */
function fontConfiguration(directory: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${directory}/fonts</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${directory}/font-cache</cachedir>
  <match><test name="family" compare="not_eq"><string>monospace</string></test><edit name="family" mode="append_last"><string>Open Sans</string></edit></match>
  <alias binding="same"><family>sans-serif</family><prefer><family>Open Sans</family></prefer></alias>
  <alias binding="same"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family><family>Liberation Mono</family></prefer></alias>
</fontconfig>
`
}
