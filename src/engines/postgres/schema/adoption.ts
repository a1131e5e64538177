// What adopting databases of earlier programs needs from this engine. The checksums are recorded
// here, so that opening a database does not have to render those migrations; a test compares them
// with the rendered ones.

import type { AdoptionSupport } from '../../contract/schema.ts'

export const adoption: AdoptionSupport = {
  dialect: 'postgres',
  checksums: {
    1: '2a6815e960101543381a82bd076f1ac66c5961bcb7176bfb8f301815da7d6418',
    2: '450acbf7a007efb939a716be5fbbe4f3c0cd1916c407b8314f18645c26de588c',
    3: '27cfc79a9fddf91f43e09310054ac295d201a8fe05ebca3ed69558d5044e7deb',
    4: 'c1564c14347be6388814799b7251e670022f2b5ae9da5883c56c200ec9c99308',
    5: '63cb83b23ac395f5ae33929cb4e3e6be34b6d6f892f66b2a1fff219c009b6d36',
    6: 'bb6e5340d584452a9f16387465a4ca83b410a2e95906e705aadd48d162e0bbd3',
  },
}
