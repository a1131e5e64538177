// What adopting databases of earlier programs needs from this engine. The checksums are recorded
// here, so that opening a database does not have to render those migrations; a test compares them
// with the rendered ones.

import type { AdoptionSupport } from '../../contract/schema.ts'

export const adoption: AdoptionSupport = {
  dialect: 'sqlite',
  checksums: {
    1: 'd75d95a2f3f3e4b4feaf5cc80452c07605a45893f57679ce19682a77aeb78540',
    2: '06e81d219ecd2bfe409ccaef0b2c9a181f46a2b9d2d31c2a74339ed284104c88',
    3: '9f5033a4f9f4f1ef4a63790ddc85ad6b980b6962f71c174f39b5cfd621d7c6a6',
    4: '52a027735027706883369d3570606e446e2f63b3fd53250d173b576d3c28ddf6',
    5: 'a603ece7e6fd8d91476bcd63954e544f7dd349b6dcdb942d4bc2a415bd7fd4b1',
    6: '6d8ae6ac54a9d59c308c1906eb70963b45fce10447ec6101ff93d31450a717ad',
  },
}
