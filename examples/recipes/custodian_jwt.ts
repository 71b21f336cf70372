// Signs a JWT with a key that no code of this process has ever seen, and verifies it with jose.
import { importJWK, jwtVerify } from "jose";
import { type Custodian, openCustodian } from "lethe/custodian";

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

async function sign(custodian: Custodian, name: string, claims: object): Promise<string> {
  const input = `${encode({ alg: "EdDSA" })}.${encode(claims)}`;
  const signature = await custodian.sign(name, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}

const custodian = await openCustodian();
const publicKey = await custodian.generate("tokens", "ed25519", { uses: 1000 });
const exp = Math.floor(Date.now() / 1000) + 60;
const jwt = await sign(custodian, "tokens", { sub: "alice", exp });

const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
const { payload } = await jwtVerify(jwt, await importJWK(jwk, "EdDSA"));
console.log(payload.sub);
await custodian.close();
