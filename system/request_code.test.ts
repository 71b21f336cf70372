import { expect, it } from "vitest";
import { requestCode } from "./request_code.ts";

const failed = (code: unknown): Error => Object.assign(new Error("a-token"), { code });

it("says by which code a request failed, and nothing that could be of the request", () => {
  for (const code of ["CERT_HAS_EXPIRED", "ERR_TLS_CERT_ALTNAME_INVALID", "UND_ERR_SOCKET"]) {
    const error = new TypeError("fetch failed", { cause: failed(code) });
    expect(requestCode(error)).toBe(` (${code})`);
    expect(requestCode(failed(code))).toBe(` (${code})`);
  }
  expect(requestCode(failed("ECONNREFUSED"))).toBe(" (ECONNREFUSED)");
  expect(requestCode(failed("ERR_OSSL_X509_KEY_VALUES_MISMATCH"))).toMatch(/KEY_VALUES/);
  for (const none of [20, "AKIAIOSFODNN7EXAMPLE", "hvs.CAESI", "E_x", "a b", "E\n", undefined]) {
    expect(requestCode(failed(none))).toBe("");
  }
  for (const none of [undefined, null, "ECONNRESET", new Error("x")]) {
    expect(requestCode(none)).toBe("");
  }
});
