// The version of this build. `npm run docs` writes it from package.json; `npm run check` compares
// the two.

export const purserVersion = '0.1.0'
