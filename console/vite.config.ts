import { defineConfig } from 'vite';

export default defineConfig({
  base: '/console/',
  publicDir: false,
  build: {
    outDir: '../backoffice/console/static',
    emptyOutDir: true,
    target: 'es2023',
    // Everything stays a file of its own: the content security policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    license: { fileName: 'assets/licenses.md' },
    // The editor is one large lazy chunk; the shell is what must stay small.
    chunkSizeWarningLimit: 4000,
    reportCompressedSize: false,
    // Some packages mark their files for server components, which do not exist here.
    rolldownOptions: { checks: { moduleLevelDirective: false } },
  },
  worker: { format: 'es' },
});
