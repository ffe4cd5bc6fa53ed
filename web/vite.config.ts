import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: 'es2023',
    // The content security policy has no unsafe-inline: nothing may be inlined as a data URL script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // What each part may weigh is a test's to say (test/web/size.test.ts).
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { '/v1': 'http://127.0.0.1:4600' } },
})
