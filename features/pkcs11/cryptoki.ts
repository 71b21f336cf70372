// PKCS#11 2.40 and 3.1 for 64-bit systems but Windows: a CK_ULONG is a word, structures are aligned as C aligns them.

/** The functions that are called, as C has them. `bytes` are secrets, or ciphertext; all else is words and addresses. */
export const CALLS = {
  C_Initialize: { parameters: ["usize"], result: "usize" },
  C_Finalize: { parameters: ["usize"], result: "usize" },
  C_GetInfo: { parameters: ["usize"], result: "usize" },
  C_GetSlotList: { parameters: ["usize", "usize", "usize"], result: "usize" },
  C_GetSlotInfo: { parameters: ["usize", "usize"], result: "usize" },
  C_GetTokenInfo: { parameters: ["usize", "usize"], result: "usize" },
  C_GetMechanismInfo: { parameters: ["usize", "usize", "usize"], result: "usize" },
  C_OpenSession: { parameters: ["usize", "usize", "usize", "usize", "usize"], result: "usize" },
  C_CloseSession: { parameters: ["usize"], result: "usize" },
  C_Login: { parameters: ["usize", "usize", "bytes", "usize"], result: "usize" },
  C_Logout: { parameters: ["usize"], result: "usize" },
  C_GetAttributeValue: { parameters: ["usize", "usize", "usize", "usize"], result: "usize" },
  C_FindObjectsInit: { parameters: ["usize", "usize", "usize"], result: "usize" },
  C_FindObjects: { parameters: ["usize", "usize", "usize", "usize"], result: "usize" },
  C_FindObjectsFinal: { parameters: ["usize"], result: "usize" },
  C_EncryptInit: { parameters: ["usize", "usize", "usize"], result: "usize" },
  C_Encrypt: { parameters: ["usize", "bytes", "usize", "bytes", "usize"], result: "usize" },
  C_DecryptInit: { parameters: ["usize", "usize", "usize"], result: "usize" },
  C_Decrypt: { parameters: ["usize", "bytes", "usize", "bytes", "usize"], result: "usize" },
  C_DestroyObject: { parameters: ["usize", "usize"], result: "usize" },
  C_DeriveKey: {
    parameters: ["usize", "usize", "usize", "usize", "usize", "usize"],
    result: "usize",
  },
} as const;

export type CallName = keyof typeof CALLS;

/** Where each stands among the pointers of CK_FUNCTION_LIST. */
export const POSITIONS: Readonly<Record<CallName, number>> = {
  C_Initialize: 0,
  C_Finalize: 1,
  C_GetInfo: 2,
  C_GetSlotList: 4,
  C_GetSlotInfo: 5,
  C_GetTokenInfo: 6,
  C_GetMechanismInfo: 8,
  C_OpenSession: 12,
  C_CloseSession: 13,
  C_Login: 18,
  C_Logout: 19,
  C_GetAttributeValue: 24,
  C_FindObjectsInit: 26,
  C_FindObjects: 27,
  C_FindObjectsFinal: 28,
  C_EncryptInit: 29,
  C_Encrypt: 30,
  C_DecryptInit: 33,
  C_Decrypt: 34,
  C_DestroyObject: 22,
  C_DeriveKey: 62,
};

export const CKF_OS_LOCKING_OK = 2n;
export const CKF_SERIAL_SESSION = 4n;
export const CKU_USER = 1n;

/** Flags of a token. */
export const CKF_USER_PIN_COUNT_LOW = 0x1_0000n;
export const CKF_USER_PIN_FINAL_TRY = 0x2_0000n;
export const CKF_USER_PIN_LOCKED = 0x4_0000n;

/** Flags of a mechanism. */
export const CKF_ENCRYPT = 0x100n;
export const CKF_DECRYPT = 0x200n;
export const CKF_DERIVE = 0x8_0000n;

export const CKO_PUBLIC_KEY = 2n;
export const CKO_PRIVATE_KEY = 3n;
export const CKO_SECRET_KEY = 4n;

export const CKA_CLASS = 0n;
export const CKA_TOKEN = 1n;
export const CKA_LABEL = 3n;
export const CKA_VALUE = 0x11n;
export const CKA_KEY_TYPE = 0x100n;
export const CKA_ID = 0x102n;
export const CKA_MODULUS = 0x120n;
export const CKA_PUBLIC_EXPONENT = 0x122n;
export const CKA_SENSITIVE = 0x103n;
export const CKA_VALUE_LEN = 0x161n;
export const CKA_EXTRACTABLE = 0x162n;
export const CKA_EC_PARAMS = 0x180n;
export const CKA_EC_POINT = 0x181n;

export const CKK_RSA = 0n;
export const CKK_EC = 3n;
export const CKK_GENERIC_SECRET = 0x10n;
export const CKK_AES = 0x1fn;

export const CKM_RSA_PKCS_OAEP = 9n;
export const CKM_ECDH1_DERIVE = 0x1050n;
export const CKD_NULL = 1n;
export const CKM_AES_GCM = 0x1087n;
export const CKM_SHA_1 = 0x220n;
export const CKM_SHA256 = 0x250n;
export const CKG_MGF1_SHA1 = 1n;
export const CKG_MGF1_SHA256 = 2n;
export const CKZ_DATA_SPECIFIED = 1n;

/** A length that is none: the object has no such attribute, or does not show it. */
export const CK_UNAVAILABLE_INFORMATION = 0xffff_ffff_ffff_ffffn;

/** Bytes of structures, and where their fields lie. */
export const FUNCTION_LIST_BYTES: number = 8 + 68 * 8;
export const INFO = { bytes: 88, manufacturer: [2, 32], library: [48, 32], version: 80 } as const;
export const SLOT_INFO = { bytes: 112, description: [0, 64], manufacturer: [64, 32] } as const;
export const TOKEN_INFO = {
  bytes: 208,
  label: [0, 32],
  manufacturer: [32, 32],
  model: [64, 16],
  serial: [80, 16],
  flags: 12,
  longestPin: 17,
  shortestPin: 18,
} as const;
export const MECHANISM_INFO = { bytes: 24, flags: 2 } as const;
/** Words of a CK_ATTRIBUTE: type, address, length. */
export const ATTRIBUTE_WORDS = 3;
