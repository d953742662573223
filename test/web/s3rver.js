#!/usr/bin/env node
// s3rver, npm's S3 service, as a test has it: a bucket "seau" with its files in a directory.
//
//	s3rver.js MODULES DIRECTORY
//
// MODULES is where npm has put it (its node_modules).  It prints "port N" when it is ready and
// ends when its standard input is closed.
'use strict';

const path = require('path');
const [modules, directory] = process.argv.slice(2);
const S3rver = require(path.join(modules, 's3rver'));

new S3rver({
	address: '127.0.0.1',
	port: 0,
	silent: true,
	directory,
	configureBuckets: [{ name: 'seau' }],
}).run().then((address) => console.log(`port ${address.port}`));
process.stdin.on('end', () => process.exit(0)).resume();
