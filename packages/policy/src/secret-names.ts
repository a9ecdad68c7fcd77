/** Names of files that usually hold secrets. Snapshots leave them out, so that no copy of them lies about. Pure. */

const secretFolders = /(^|\/)\.(ssh|gnupg|aws|azure|kube|docker)\//;
const secretFiles: readonly RegExp[] = [
  /^\.env(\..+)?$/,
  /^\.(netrc|npmrc|pypirc|pgpass|my\.cnf|htpasswd|git-credentials|vault-token)$/,
  /^id_(rsa|dsa|ecdsa|ed25519)(_sk)?$/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|p8)$/,
  /^(credentials|secrets?|service[-_]account.*)\.(json|ya?ml|toml|ini)$/,
  /\.(tfvars|tfstate)(\..+)?$/,
];
const harmless = /^\.env\.(example|sample|template|dist|defaults)$/;

/** `path` is relative, with forward slashes. */
export function looksSecret(path: string): boolean {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf("/") + 1);
  if (harmless.test(name)) return false;
  return secretFolders.test(lower) || secretFiles.some((pattern) => pattern.test(name));
}
