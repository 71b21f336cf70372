/** What a custodian can be asked for. The index is the number on the channel: append only. */
export const OPERATIONS = [
  "open",
  "prompt",
  "put",
  "generate",
  "expose",
  "delete",
  "status",
  "close",
  "sign",
  "hmac",
  "encrypt",
  "decrypt",
  "derive",
  "equals",
  "hashPassword",
  "verifyPassword",
  "withdraw",
  "verifyHmac",
  "isAuthentic",
  "agree",
  "guest",
] as const;

export type OperationName = (typeof OPERATIONS)[number];
