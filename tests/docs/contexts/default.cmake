# SPDX-License-Identifier: MIT
# A project with one program, which asks for the core and for files; fragments link it.
cmake_minimum_required(VERSION 3.16)
project(page C)
add_executable(program program.c)
# BODY
