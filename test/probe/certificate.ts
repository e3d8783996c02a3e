/**
 * A certificate of nobody, for TLS servers of tests: probes do not verify, so it need not be more.
 * Must not: be used outside tests; its key is public.
 */
export const certificate = `-----BEGIN CERTIFICATE-----
MIIBkTCCATegAwIBAgIULv6ZsKumwBXIUGyDLM4owFA4Bm8wCgYIKoZIzj0EAwIw
HTEbMBkGA1UEAwwSZGV0YWstdGVzdC5pbnZhbGlkMCAXDTI2MTEyMjE3MjUzMVoY
DzIxMjYxMDI5MTcyNTMxWjAdMRswGQYDVQQDDBJkZXRhay10ZXN0LmludmFsaWQw
WTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASwgDTMNOgkv329yAA0xu7L8L/vXAq4
BMsjPS8YQpgHx1ccZrgAPLk6YnMphwPVHxgoux71Je/Y8cQIHUD6bipuo1MwUTAd
BgNVHQ4EFgQUxFDcepP9QWir5poeJ2wni9Q3UdswHwYDVR0jBBgwFoAUxFDcepP9
QWir5poeJ2wni9Q3UdswDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF
AiEAomBjk33MomZlKmyzcVQZTaQ/AS5XtQxPLa5xZx3ecaACIHd07Ifgu+vOw6Cp
+su6qX0phg3xE/UHeArReSEvbOPg
-----END CERTIFICATE-----
`;
export const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQguElcS/y/t9b0sbNn
DmlAGT94xETtFQcW6uoxHHVtX/KhRANCAASwgDTMNOgkv329yAA0xu7L8L/vXAq4
BMsjPS8YQpgHx1ccZrgAPLk6YnMphwPVHxgoux71Je/Y8cQIHUD6bipu
-----END PRIVATE KEY-----
`;
