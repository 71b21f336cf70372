// A certificate authority, a server's certificate and a client's, made by openssl.
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly server: readonly [certificate: string, key: string];
  readonly client: readonly [certificate: string, key: string];
}

export function makeCertificates(folder: string): Certificates {
  const path = (name: string): string => join(folder, name);
  const openssl = (...parameters: string[]): void =>
    void execFileSync("openssl", parameters, { stdio: "ignore" });
  const request = ["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
  openssl(
    ...[...request, "-x509", "-days", "2", "-subj", "/CN=test authority"],
    ...["-keyout", path("ca.key"), "-out", path("ca.pem")],
  );
  const issue = (name: string): readonly [string, string] => {
    openssl(
      ...[...request, "-subj", `/CN=${name}`],
      ...["-keyout", path(`${name}.key`), "-out", path(`${name}.csr`)],
    );
    writeFileSync(
      path(`${name}.ext`),
      "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n",
    );
    openssl(
      ...["x509", "-req", "-days", "2", "-in", path(`${name}.csr`), "-CA", path("ca.pem")],
      ...["-CAkey", path("ca.key"), "-CAcreateserial", "-extfile", path(`${name}.ext`)],
      ...["-out", path(`${name}.pem`)],
    );
    return [path(`${name}.pem`), path(`${name}.key`)];
  };
  return { ca: path("ca.pem"), server: issue("server"), client: issue("client") };
}
