// What adopting databases of earlier programs needs from this engine. The checksums are recorded
// here, so that opening a database does not have to render those migrations; a test compares them
// with the rendered ones.

import type { AdoptionSupport } from '../../contract/schema.ts'

export const adoption: AdoptionSupport = {
  dialect: 'mariadb',
  checksums: {
    1: '9d8e8e621abef6a7a853d0143da36eedec9f78b71372c443af0d31574604ffe3',
    2: '9e654b82a76c4c21c6002520d62b219793ca01c53e3cc81f5ea0663e30de1d9c',
    3: '0aade6af11b03d20958cdbddac49694274c05f722ee8f46139212cdcb30ef7aa',
    4: '92c787c6308c1abe309c91c5b6e32e8fcf95c0f75a6ef61e1fa78c14d2eedea7',
    5: '71fa911935ef5568d2a841e791dad8fa92930aa3879ccf9d092ea9ab2d4917b5',
    6: '4c291e4afd55717ed32c8dce57dbbb9880dafcab9bbe4208c49ff0c5b58adb37',
  },
}
