/** The versions that the projects are made with, each as its generator would ask for it. */
const versions = {
  '@types/node': '20.19.43',
  '@types/react': '19.3.0',
  '@types/vscode': '1.90.0',
  esbuild: '0.28.2',
  jest: '30.5.2',
  miniflare: '4.20260426.0',
  next: '16.4.6',
  react: '19.3.1',
  'react-dom': '19.3.1',
  typescript: '5.9.3',
  vite: '8.3.8',
} as const

/** Some of them, for a manifest. */
export function versionsOf(...names: (keyof typeof versions)[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, versions[name]]))
}

/** What `tsc --init` writes of it, and the libraries' own types looked at. */
const strict = {
  target: 'ESNext',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: false,
}

/** For what a bundler puts together. */
export const bundled = {
  ...strict,
  module: 'ESNext',
  moduleResolution: 'Bundler',
  verbatimModuleSyntax: true,
  noEmit: true,
}
