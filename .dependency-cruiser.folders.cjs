/** Folders of the product form no cycles. Tests import in all directions and are left out, which only a run of its own can do. */
const { options } = require('./.dependency-cruiser.cjs');

module.exports = {
  forbidden: [{ name: 'no-folder-cycles', severity: 'error', scope: 'folder', from: {}, to: { circular: true } }],
  options: { ...options, exclude: { path: `^(test|devcluster)/|\\.test\\.ts$|^node_modules` } },
};
