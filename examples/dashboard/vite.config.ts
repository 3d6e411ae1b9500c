import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist/page',
    // The policy of the page takes no data: addresses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
