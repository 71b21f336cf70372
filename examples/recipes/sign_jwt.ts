// Signs a JWT inside secret memory, and verifies it with jose. jose never sees the private key.
import { importJWK, jwtVerify } from "jose";
import { openSecrets } from "lethe";
import { openCrypto } from "lethe/crypto";

const secrets = openSecrets();
const crypto = openCrypto(secrets);
const { publicKey, secretKey } = crypto.signKeyPair();

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");

function sign(claims: object): string {
  const input = `${encode({ alg: "EdDSA" })}.${encode(claims)}`;
  const signature = crypto.sign(secretKey, new TextEncoder().encode(input));
  return `${input}.${Buffer.from(signature).toString("base64url")}`;
}

const jwt = sign({ sub: "alice", exp: Math.floor(Date.now() / 1000) + 60 });
secretKey.destroy();

const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(publicKey).toString("base64url") };
const { payload } = await jwtVerify(jwt, await importJWK(jwk, "EdDSA"));
console.log(payload.sub);
