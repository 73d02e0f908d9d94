module.exports = { name: 'index' };
