/** The API group of the aggregated API server, which serves subresources and stores nothing. */
export const subresourceGroup = 'subresources.aegis.io';
export const subresourceVersion = 'v1alpha1';
