// Addresses of the region's private network, as an instance sees them.

/** Carries instances' default route; on EC2 it is the VPC's router. */
export const routerIp = "10.0.0.1";
export const prefixBits = 16;
export const apiIp = "10.0.0.2";
export const apiPort = 4566;
export const metadataIp = "169.254.169.254";
export const metadataPort = 80;
