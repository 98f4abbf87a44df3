/** All packages of the project bear one version; a test holds this to package.json, which bundles do not carry. */
export const VERSION = '0.1.0';
