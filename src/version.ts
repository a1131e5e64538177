// The version of this build. Written by `npm run docs` out of package.json; `npm run check` says when the two differ.

export const purserVersion = '0.1.0'
