/* datasens--0.1.0--1.0.0.sql */

-- complain if script is sourced in psql, rather than via ALTER EXTENSION
\echo Use "ALTER EXTENSION datasens UPDATE TO '1.0.0'" to load this file. \quit
