import { closeSync, constants, fstatSync, openSync } from "node:fs";
import { LetheError } from "../../core/mod.ts";
import { readToEnd } from "../blocking_io.ts";

/** Longer than any certificate that an agent takes. */
const MOST_BYTES = 16_385;

/** A certificate that lies beside the file of a key. */
export interface CertificateFile {
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * The certificate beside the file of a key, where `ssh-add` finds it; it is public. Nobody named it, so that nothing but a
 * regular file is read: a pipe would keep the agent waiting.
 *
 * @throws {LetheError} `ERR_LETHE_KEY_FORMAT` for anything else of that name
 */
export function certificateBeside(keyPath: string): CertificateFile | null {
  if (keyPath === "-") return null;
  const path = `${keyPath}-cert.pub`;
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
  try {
    if (!fstatSync(descriptor).isFile()) throw refused(path, "it is not a regular file");
    const bytes = new Uint8Array(new ArrayBuffer(MOST_BYTES));
    return { path, bytes: bytes.subarray(0, readToEnd(descriptor, bytes)) };
  } finally {
    closeSync(descriptor);
  }
}

/** Offers it, and says of which file it is that it cannot be. */
export function offerCertificate(
  { path, bytes }: CertificateFile,
  add: (bytes: Uint8Array) => void,
): void {
  try {
    add(bytes);
  } catch (error) {
    const { message } = error as Error;
    const reason = message.replace(/^Cannot .*?(?:: | as )/, "").split("; ")[0] ?? "";
    throw refused(path, reason, (error as Partial<LetheError>).code);
  }
}

function refused(
  path: string,
  reason: string,
  code: LetheError["code"] = "ERR_LETHE_KEY_FORMAT",
): LetheError {
  return new LetheError(
    code,
    `Cannot offer certificate ${JSON.stringify(path)}: ${reason}; put the certificate of the key there, or move the file away`,
  );
}
