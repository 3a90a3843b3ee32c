// Code generated from deblock_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// The kernels filter eight lines of samples across an edge at a time, two segments. Lines p3 to q3 are in v0 to v7.
// Registers of all kernels: v31 is the largest sample, v30 0. x2 points to the levels of two segments: tc at 0 and, for
// luma, beta at 8. In the luma kernels, v29 makes tbl copy the first word of each four, v28 is 3 and v27 15.

// first gives each word of a segment the value of its first word.
DATA first<>+0(SB)/8, $0x0100010001000100
DATA first<>+8(SB)/8, $0x0908090809080908
GLOBL first<>(SB), RODATA|NOPTR, $16

// func lumaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)
TEXT ·lumaHorizontalVector(SB), NOSPLIT, $0-34
	MOVD  pix+0(FP), R0
	MOVD  stride+8(FP), R1
	MOVD  edges+16(FP), R2
	MOVD  n+24(FP), R3
	MOVHU top+32(FP), R9
	MOVD  $first<>(SB), R10
	WORD $0x4e020d3f // dup v31.8h, w9
	WORD $0x4f00841e // movi v30.8h, #0x0
	WORD $0x3dc0015d // ldr q29, [x10]
	WORD $0x4f00847c // movi v28.8h, #0x3
	WORD $0x4f0085fb // movi v27.8h, #0xf
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd2800044 // mov x4, #0x2                    // #2
	WORD $0xb9400049 // ldr w9, [x2]
	WORD $0x34001589 // cbz w9, 2d0
	WORD $0xaa0003e5 // mov x5, x0
	WORD $0x4cc174a0 // ld1 {v0.8h}, [x5], x1
	WORD $0xaa0503e6 // mov x6, x5
	WORD $0x4cc174a1 // ld1 {v1.8h}, [x5], x1
	WORD $0x4cc174a2 // ld1 {v2.8h}, [x5], x1
	WORD $0x4cc174a3 // ld1 {v3.8h}, [x5], x1
	WORD $0x4cc174a4 // ld1 {v4.8h}, [x5], x1
	WORD $0x4cc174a5 // ld1 {v5.8h}, [x5], x1
	WORD $0x4cc174a6 // ld1 {v6.8h}, [x5], x1
	WORD $0x4c4074a7 // ld1 {v7.8h}, [x5]
	WORD $0xbd400050 // ldr s16, [x2]
	WORD $0xbd400851 // ldr s17, [x2, #8]
	WORD $0x0e503a10 // zip1 v16.4h, v16.4h, v16.4h
	WORD $0x4e503a10 // zip1 v16.8h, v16.8h, v16.8h
	WORD $0x0e513a31 // zip1 v17.4h, v17.4h, v17.4h
	WORD $0x4e513a31 // zip1 v17.8h, v17.8h, v17.8h
	WORD $0x4e638432 // add v18.8h, v1.8h, v3.8h
	WORD $0x4e628458 // add v24.8h, v2.8h, v2.8h
	WORD $0x6e787652 // uabd v18.8h, v18.8h, v24.8h
	WORD $0x4e6484d3 // add v19.8h, v6.8h, v4.8h
	WORD $0x4e6584b8 // add v24.8h, v5.8h, v5.8h
	WORD $0x6e787673 // uabd v19.8h, v19.8h, v24.8h
	WORD $0x4e738654 // add v20.8h, v18.8h, v19.8h
	WORD $0x4e748694 // add v20.8h, v20.8h, v20.8h
	WORD $0x4e600a58 // rev64 v24.8h, v18.8h
	WORD $0x4e788652 // add v18.8h, v18.8h, v24.8h
	WORD $0x4e1d0252 // tbl v18.16b, {v18.16b}, v29.16b
	WORD $0x4e600a78 // rev64 v24.8h, v19.8h
	WORD $0x4e788673 // add v19.8h, v19.8h, v24.8h
	WORD $0x4e1d0273 // tbl v19.16b, {v19.16b}, v29.16b
	WORD $0x4e738655 // add v21.8h, v18.8h, v19.8h
	WORD $0x4e753635 // cmgt v21.8h, v17.8h, v21.8h
	WORD $0x0e212ab8 // xtn v24.8b, v21.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb4001129 // cbz x9, 2d0
	WORD $0x6f1f0638 // ushr v24.8h, v17.8h, #1
	WORD $0x4e718718 // add v24.8h, v24.8h, v17.8h
	WORD $0x6f1d0718 // ushr v24.8h, v24.8h, #3
	WORD $0x4e723712 // cmgt v18.8h, v24.8h, v18.8h
	WORD $0x4e733713 // cmgt v19.8h, v24.8h, v19.8h
	WORD $0x6f1e0638 // ushr v24.8h, v17.8h, #2
	WORD $0x4e743714 // cmgt v20.8h, v24.8h, v20.8h
	WORD $0x6e637416 // uabd v22.8h, v0.8h, v3.8h
	WORD $0x6e677c96 // uaba v22.8h, v4.8h, v7.8h
	WORD $0x6f1d0638 // ushr v24.8h, v17.8h, #3
	WORD $0x4e763716 // cmgt v22.8h, v24.8h, v22.8h
	WORD $0x4e361e94 // and v20.16b, v20.16b, v22.16b
	WORD $0x4f125618 // shl v24.8h, v16.8h, #2
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x6f1f2718 // urshr v24.8h, v24.8h, #1
	WORD $0x6e647476 // uabd v22.8h, v3.8h, v4.8h
	WORD $0x4e763716 // cmgt v22.8h, v24.8h, v22.8h
	WORD $0x4e361e94 // and v20.16b, v20.16b, v22.16b
	WORD $0x4e600a98 // rev64 v24.8h, v20.8h
	WORD $0x4e381e94 // and v20.16b, v20.16b, v24.16b
	WORD $0x4e1d0294 // tbl v20.16b, {v20.16b}, v29.16b
	WORD $0x4e351e94 // and v20.16b, v20.16b, v21.16b
	WORD $0x4e741eb5 // bic v21.16b, v21.16b, v20.16b
	WORD $0x0e212ab8 // xtn v24.8b, v21.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb4000649 // cbz x9, 1dc
	WORD $0x6e638496 // sub v22.8h, v4.8h, v3.8h
	WORD $0x6e658457 // sub v23.8h, v2.8h, v5.8h
	WORD $0x4e7c96d7 // mla v23.8h, v22.8h, v28.8h
	WORD $0x4e3b1ef8 // and v24.16b, v23.16b, v27.16b
	WORD $0x4f008516 // movi v22.8h, #0x8
	WORD $0x4e7c9716 // mla v22.8h, v24.8h, v28.8h
	WORD $0x6f1c06d6 // ushr v22.8h, v22.8h, #4
	WORD $0x4f1c06f7 // sshr v23.8h, v23.8h, #4
	WORD $0x4e7c96f6 // mla v22.8h, v23.8h, v28.8h
	WORD $0x4e60bad7 // abs v23.8h, v22.8h
	WORD $0x4f135618 // shl v24.8h, v16.8h, #3
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x4e773718 // cmgt v24.8h, v24.8h, v23.8h
	WORD $0x4e381eb5 // and v21.16b, v21.16b, v24.16b
	WORD $0x6e60ba18 // neg v24.8h, v16.8h
	WORD $0x4e706ed6 // smin v22.8h, v22.8h, v16.8h
	WORD $0x4e7866d6 // smax v22.8h, v22.8h, v24.8h
	WORD $0x4e351ed6 // and v22.16b, v22.16b, v21.16b
	WORD $0x4e351e52 // and v18.16b, v18.16b, v21.16b
	WORD $0x4e351e73 // and v19.16b, v19.16b, v21.16b
	WORD $0x6f1f0619 // ushr v25.8h, v16.8h, #1
	WORD $0x6e60bb3a // neg v26.8h, v25.8h
	WORD $0x6e631438 // urhadd v24.8h, v1.8h, v3.8h
	WORD $0x6e628718 // sub v24.8h, v24.8h, v2.8h
	WORD $0x4e768718 // add v24.8h, v24.8h, v22.8h
	WORD $0x4f1f0718 // sshr v24.8h, v24.8h, #1
	WORD $0x4e796f18 // smin v24.8h, v24.8h, v25.8h
	WORD $0x4e7a6718 // smax v24.8h, v24.8h, v26.8h
	WORD $0x4e321f18 // and v24.16b, v24.16b, v18.16b
	WORD $0x4e788442 // add v2.8h, v2.8h, v24.8h
	WORD $0x4e7e6442 // smax v2.8h, v2.8h, v30.8h
	WORD $0x4e7f6c42 // smin v2.8h, v2.8h, v31.8h
	WORD $0x6e6414d8 // urhadd v24.8h, v6.8h, v4.8h
	WORD $0x6e658718 // sub v24.8h, v24.8h, v5.8h
	WORD $0x6e768718 // sub v24.8h, v24.8h, v22.8h
	WORD $0x4f1f0718 // sshr v24.8h, v24.8h, #1
	WORD $0x4e796f18 // smin v24.8h, v24.8h, v25.8h
	WORD $0x4e7a6718 // smax v24.8h, v24.8h, v26.8h
	WORD $0x4e331f18 // and v24.16b, v24.16b, v19.16b
	WORD $0x4e7884a5 // add v5.8h, v5.8h, v24.8h
	WORD $0x4e7e64a5 // smax v5.8h, v5.8h, v30.8h
	WORD $0x4e7f6ca5 // smin v5.8h, v5.8h, v31.8h
	WORD $0x4e768463 // add v3.8h, v3.8h, v22.8h
	WORD $0x6e768484 // sub v4.8h, v4.8h, v22.8h
	WORD $0x4e7e6463 // smax v3.8h, v3.8h, v30.8h
	WORD $0x4e7f6c63 // smin v3.8h, v3.8h, v31.8h
	WORD $0x4e7e6484 // smax v4.8h, v4.8h, v30.8h
	WORD $0x4e7f6c84 // smin v4.8h, v4.8h, v31.8h
	WORD $0x0e212a98 // xtn v24.8b, v20.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb40006a9 // cbz x9, 2b8
	WORD $0x4e708610 // add v16.8h, v16.8h, v16.8h
	WORD $0x4e648476 // add v22.8h, v3.8h, v4.8h
	WORD $0x4e6286d2 // add v18.8h, v22.8h, v2.8h
	WORD $0x4e618653 // add v19.8h, v18.8h, v1.8h
	WORD $0x4e738652 // add v18.8h, v18.8h, v19.8h
	WORD $0x4e658652 // add v18.8h, v18.8h, v5.8h
	WORD $0x4e608435 // add v21.8h, v1.8h, v0.8h
	WORD $0x4e7586b5 // add v21.8h, v21.8h, v21.8h
	WORD $0x4e7386b5 // add v21.8h, v21.8h, v19.8h
	WORD $0x6f1d2652 // urshr v18.8h, v18.8h, #3
	WORD $0x6f1e2673 // urshr v19.8h, v19.8h, #2
	WORD $0x6f1d26b5 // urshr v21.8h, v21.8h, #3
	WORD $0x4e708471 // add v17.8h, v3.8h, v16.8h
	WORD $0x4e716e52 // smin v18.8h, v18.8h, v17.8h
	WORD $0x6e708471 // sub v17.8h, v3.8h, v16.8h
	WORD $0x4e716652 // smax v18.8h, v18.8h, v17.8h
	WORD $0x4e708451 // add v17.8h, v2.8h, v16.8h
	WORD $0x4e716e73 // smin v19.8h, v19.8h, v17.8h
	WORD $0x6e708451 // sub v17.8h, v2.8h, v16.8h
	WORD $0x4e716673 // smax v19.8h, v19.8h, v17.8h
	WORD $0x4e708431 // add v17.8h, v1.8h, v16.8h
	WORD $0x4e716eb5 // smin v21.8h, v21.8h, v17.8h
	WORD $0x6e708431 // sub v17.8h, v1.8h, v16.8h
	WORD $0x4e7166b5 // smax v21.8h, v21.8h, v17.8h
	WORD $0x4e6586d7 // add v23.8h, v22.8h, v5.8h
	WORD $0x4e6686f8 // add v24.8h, v23.8h, v6.8h
	WORD $0x4e7886f7 // add v23.8h, v23.8h, v24.8h
	WORD $0x4e6286f7 // add v23.8h, v23.8h, v2.8h
	WORD $0x4e6784d9 // add v25.8h, v6.8h, v7.8h
	WORD $0x4e798739 // add v25.8h, v25.8h, v25.8h
	WORD $0x4e788739 // add v25.8h, v25.8h, v24.8h
	WORD $0x6f1d26f7 // urshr v23.8h, v23.8h, #3
	WORD $0x6f1e2718 // urshr v24.8h, v24.8h, #2
	WORD $0x6f1d2739 // urshr v25.8h, v25.8h, #3
	WORD $0x4e708491 // add v17.8h, v4.8h, v16.8h
	WORD $0x4e716ef7 // smin v23.8h, v23.8h, v17.8h
	WORD $0x6e708491 // sub v17.8h, v4.8h, v16.8h
	WORD $0x4e7166f7 // smax v23.8h, v23.8h, v17.8h
	WORD $0x4e7084b1 // add v17.8h, v5.8h, v16.8h
	WORD $0x4e716f18 // smin v24.8h, v24.8h, v17.8h
	WORD $0x6e7084b1 // sub v17.8h, v5.8h, v16.8h
	WORD $0x4e716718 // smax v24.8h, v24.8h, v17.8h
	WORD $0x4e7084d1 // add v17.8h, v6.8h, v16.8h
	WORD $0x4e716f39 // smin v25.8h, v25.8h, v17.8h
	WORD $0x6e7084d1 // sub v17.8h, v6.8h, v16.8h
	WORD $0x4e716739 // smax v25.8h, v25.8h, v17.8h
	WORD $0x6eb41e43 // bit v3.16b, v18.16b, v20.16b
	WORD $0x6eb41e62 // bit v2.16b, v19.16b, v20.16b
	WORD $0x6eb41ea1 // bit v1.16b, v21.16b, v20.16b
	WORD $0x6eb41ee4 // bit v4.16b, v23.16b, v20.16b
	WORD $0x6eb41f05 // bit v5.16b, v24.16b, v20.16b
	WORD $0x6eb41f26 // bit v6.16b, v25.16b, v20.16b
	WORD $0x4c8174c1 // st1 {v1.8h}, [x6], x1
	WORD $0x4c8174c2 // st1 {v2.8h}, [x6], x1
	WORD $0x4c8174c3 // st1 {v3.8h}, [x6], x1
	WORD $0x4c8174c4 // st1 {v4.8h}, [x6], x1
	WORD $0x4c8174c5 // st1 {v5.8h}, [x6], x1
	WORD $0x4c0074c6 // st1 {v6.8h}, [x6]
	WORD $0x91004000 // add x0, x0, #0x10
	WORD $0x91001042 // add x2, x2, #0x4
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54ffea01 // b.ne 1c
	WORD $0x91002042 // add x2, x2, #0x8
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x54ffe981 // b.ne 18
	RET

// func lumaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)
TEXT ·lumaVerticalVector(SB), NOSPLIT, $0-42
	MOVD  pix+0(FP), R0
	MOVD  stride+8(FP), R1
	MOVD  high+16(FP), R7
	MOVD  edges+24(FP), R2
	MOVD  n+32(FP), R3
	MOVHU top+40(FP), R9
	MOVD  $first<>(SB), R10
	WORD $0x4e020d3f // dup v31.8h, w9
	WORD $0x4f00841e // movi v30.8h, #0x0
	WORD $0x3dc0015d // ldr q29, [x10]
	WORD $0x4f00847c // movi v28.8h, #0x3
	WORD $0x4f0085fb // movi v27.8h, #0xf
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd37ff8e7 // lsl x7, x7, #1
	WORD $0xd2800044 // mov x4, #0x2                    // #2
	WORD $0xaa0003e8 // mov x8, x0
	WORD $0xb9400049 // ldr w9, [x2]
	WORD $0x34001bc9 // cbz w9, 3a0
	WORD $0xaa0803e5 // mov x5, x8
	WORD $0x4cc174b0 // ld1 {v16.8h}, [x5], x1
	WORD $0x4cc174b1 // ld1 {v17.8h}, [x5], x1
	WORD $0x4cc174b2 // ld1 {v18.8h}, [x5], x1
	WORD $0x4cc174b3 // ld1 {v19.8h}, [x5], x1
	WORD $0x4cc174b4 // ld1 {v20.8h}, [x5], x1
	WORD $0x4cc174b5 // ld1 {v21.8h}, [x5], x1
	WORD $0x4cc174b6 // ld1 {v22.8h}, [x5], x1
	WORD $0x4c4074b7 // ld1 {v23.8h}, [x5]
	WORD $0x4e543a00 // zip1 v0.8h, v16.8h, v20.8h
	WORD $0x4e547a01 // zip2 v1.8h, v16.8h, v20.8h
	WORD $0x4e553a22 // zip1 v2.8h, v17.8h, v21.8h
	WORD $0x4e557a23 // zip2 v3.8h, v17.8h, v21.8h
	WORD $0x4e563a44 // zip1 v4.8h, v18.8h, v22.8h
	WORD $0x4e567a45 // zip2 v5.8h, v18.8h, v22.8h
	WORD $0x4e573a66 // zip1 v6.8h, v19.8h, v23.8h
	WORD $0x4e577a67 // zip2 v7.8h, v19.8h, v23.8h
	WORD $0x4e443810 // zip1 v16.8h, v0.8h, v4.8h
	WORD $0x4e447811 // zip2 v17.8h, v0.8h, v4.8h
	WORD $0x4e453832 // zip1 v18.8h, v1.8h, v5.8h
	WORD $0x4e457833 // zip2 v19.8h, v1.8h, v5.8h
	WORD $0x4e463854 // zip1 v20.8h, v2.8h, v6.8h
	WORD $0x4e467855 // zip2 v21.8h, v2.8h, v6.8h
	WORD $0x4e473876 // zip1 v22.8h, v3.8h, v7.8h
	WORD $0x4e477877 // zip2 v23.8h, v3.8h, v7.8h
	WORD $0x4e543a00 // zip1 v0.8h, v16.8h, v20.8h
	WORD $0x4e547a01 // zip2 v1.8h, v16.8h, v20.8h
	WORD $0x4e553a22 // zip1 v2.8h, v17.8h, v21.8h
	WORD $0x4e557a23 // zip2 v3.8h, v17.8h, v21.8h
	WORD $0x4e563a44 // zip1 v4.8h, v18.8h, v22.8h
	WORD $0x4e567a45 // zip2 v5.8h, v18.8h, v22.8h
	WORD $0x4e573a66 // zip1 v6.8h, v19.8h, v23.8h
	WORD $0x4e577a67 // zip2 v7.8h, v19.8h, v23.8h
	WORD $0xbd400050 // ldr s16, [x2]
	WORD $0xbd400851 // ldr s17, [x2, #8]
	WORD $0x0e503a10 // zip1 v16.4h, v16.4h, v16.4h
	WORD $0x4e503a10 // zip1 v16.8h, v16.8h, v16.8h
	WORD $0x0e513a31 // zip1 v17.4h, v17.4h, v17.4h
	WORD $0x4e513a31 // zip1 v17.8h, v17.8h, v17.8h
	WORD $0x4e638432 // add v18.8h, v1.8h, v3.8h
	WORD $0x4e628458 // add v24.8h, v2.8h, v2.8h
	WORD $0x6e787652 // uabd v18.8h, v18.8h, v24.8h
	WORD $0x4e6484d3 // add v19.8h, v6.8h, v4.8h
	WORD $0x4e6584b8 // add v24.8h, v5.8h, v5.8h
	WORD $0x6e787673 // uabd v19.8h, v19.8h, v24.8h
	WORD $0x4e738654 // add v20.8h, v18.8h, v19.8h
	WORD $0x4e748694 // add v20.8h, v20.8h, v20.8h
	WORD $0x4e600a58 // rev64 v24.8h, v18.8h
	WORD $0x4e788652 // add v18.8h, v18.8h, v24.8h
	WORD $0x4e1d0252 // tbl v18.16b, {v18.16b}, v29.16b
	WORD $0x4e600a78 // rev64 v24.8h, v19.8h
	WORD $0x4e788673 // add v19.8h, v19.8h, v24.8h
	WORD $0x4e1d0273 // tbl v19.16b, {v19.16b}, v29.16b
	WORD $0x4e738655 // add v21.8h, v18.8h, v19.8h
	WORD $0x4e753635 // cmgt v21.8h, v17.8h, v21.8h
	WORD $0x0e212ab8 // xtn v24.8b, v21.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb4001489 // cbz x9, 3a0
	WORD $0x6f1f0638 // ushr v24.8h, v17.8h, #1
	WORD $0x4e718718 // add v24.8h, v24.8h, v17.8h
	WORD $0x6f1d0718 // ushr v24.8h, v24.8h, #3
	WORD $0x4e723712 // cmgt v18.8h, v24.8h, v18.8h
	WORD $0x4e733713 // cmgt v19.8h, v24.8h, v19.8h
	WORD $0x6f1e0638 // ushr v24.8h, v17.8h, #2
	WORD $0x4e743714 // cmgt v20.8h, v24.8h, v20.8h
	WORD $0x6e637416 // uabd v22.8h, v0.8h, v3.8h
	WORD $0x6e677c96 // uaba v22.8h, v4.8h, v7.8h
	WORD $0x6f1d0638 // ushr v24.8h, v17.8h, #3
	WORD $0x4e763716 // cmgt v22.8h, v24.8h, v22.8h
	WORD $0x4e361e94 // and v20.16b, v20.16b, v22.16b
	WORD $0x4f125618 // shl v24.8h, v16.8h, #2
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x6f1f2718 // urshr v24.8h, v24.8h, #1
	WORD $0x6e647476 // uabd v22.8h, v3.8h, v4.8h
	WORD $0x4e763716 // cmgt v22.8h, v24.8h, v22.8h
	WORD $0x4e361e94 // and v20.16b, v20.16b, v22.16b
	WORD $0x4e600a98 // rev64 v24.8h, v20.8h
	WORD $0x4e381e94 // and v20.16b, v20.16b, v24.16b
	WORD $0x4e1d0294 // tbl v20.16b, {v20.16b}, v29.16b
	WORD $0x4e351e94 // and v20.16b, v20.16b, v21.16b
	WORD $0x4e741eb5 // bic v21.16b, v21.16b, v20.16b
	WORD $0x0e212ab8 // xtn v24.8b, v21.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb4000649 // cbz x9, 240
	WORD $0x6e638496 // sub v22.8h, v4.8h, v3.8h
	WORD $0x6e658457 // sub v23.8h, v2.8h, v5.8h
	WORD $0x4e7c96d7 // mla v23.8h, v22.8h, v28.8h
	WORD $0x4e3b1ef8 // and v24.16b, v23.16b, v27.16b
	WORD $0x4f008516 // movi v22.8h, #0x8
	WORD $0x4e7c9716 // mla v22.8h, v24.8h, v28.8h
	WORD $0x6f1c06d6 // ushr v22.8h, v22.8h, #4
	WORD $0x4f1c06f7 // sshr v23.8h, v23.8h, #4
	WORD $0x4e7c96f6 // mla v22.8h, v23.8h, v28.8h
	WORD $0x4e60bad7 // abs v23.8h, v22.8h
	WORD $0x4f135618 // shl v24.8h, v16.8h, #3
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x4e708718 // add v24.8h, v24.8h, v16.8h
	WORD $0x4e773718 // cmgt v24.8h, v24.8h, v23.8h
	WORD $0x4e381eb5 // and v21.16b, v21.16b, v24.16b
	WORD $0x6e60ba18 // neg v24.8h, v16.8h
	WORD $0x4e706ed6 // smin v22.8h, v22.8h, v16.8h
	WORD $0x4e7866d6 // smax v22.8h, v22.8h, v24.8h
	WORD $0x4e351ed6 // and v22.16b, v22.16b, v21.16b
	WORD $0x4e351e52 // and v18.16b, v18.16b, v21.16b
	WORD $0x4e351e73 // and v19.16b, v19.16b, v21.16b
	WORD $0x6f1f0619 // ushr v25.8h, v16.8h, #1
	WORD $0x6e60bb3a // neg v26.8h, v25.8h
	WORD $0x6e631438 // urhadd v24.8h, v1.8h, v3.8h
	WORD $0x6e628718 // sub v24.8h, v24.8h, v2.8h
	WORD $0x4e768718 // add v24.8h, v24.8h, v22.8h
	WORD $0x4f1f0718 // sshr v24.8h, v24.8h, #1
	WORD $0x4e796f18 // smin v24.8h, v24.8h, v25.8h
	WORD $0x4e7a6718 // smax v24.8h, v24.8h, v26.8h
	WORD $0x4e321f18 // and v24.16b, v24.16b, v18.16b
	WORD $0x4e788442 // add v2.8h, v2.8h, v24.8h
	WORD $0x4e7e6442 // smax v2.8h, v2.8h, v30.8h
	WORD $0x4e7f6c42 // smin v2.8h, v2.8h, v31.8h
	WORD $0x6e6414d8 // urhadd v24.8h, v6.8h, v4.8h
	WORD $0x6e658718 // sub v24.8h, v24.8h, v5.8h
	WORD $0x6e768718 // sub v24.8h, v24.8h, v22.8h
	WORD $0x4f1f0718 // sshr v24.8h, v24.8h, #1
	WORD $0x4e796f18 // smin v24.8h, v24.8h, v25.8h
	WORD $0x4e7a6718 // smax v24.8h, v24.8h, v26.8h
	WORD $0x4e331f18 // and v24.16b, v24.16b, v19.16b
	WORD $0x4e7884a5 // add v5.8h, v5.8h, v24.8h
	WORD $0x4e7e64a5 // smax v5.8h, v5.8h, v30.8h
	WORD $0x4e7f6ca5 // smin v5.8h, v5.8h, v31.8h
	WORD $0x4e768463 // add v3.8h, v3.8h, v22.8h
	WORD $0x6e768484 // sub v4.8h, v4.8h, v22.8h
	WORD $0x4e7e6463 // smax v3.8h, v3.8h, v30.8h
	WORD $0x4e7f6c63 // smin v3.8h, v3.8h, v31.8h
	WORD $0x4e7e6484 // smax v4.8h, v4.8h, v30.8h
	WORD $0x4e7f6c84 // smin v4.8h, v4.8h, v31.8h
	WORD $0x0e212a98 // xtn v24.8b, v20.8h
	WORD $0x9e660309 // fmov x9, d24
	WORD $0xb40006a9 // cbz x9, 31c
	WORD $0x4e708610 // add v16.8h, v16.8h, v16.8h
	WORD $0x4e648476 // add v22.8h, v3.8h, v4.8h
	WORD $0x4e6286d2 // add v18.8h, v22.8h, v2.8h
	WORD $0x4e618653 // add v19.8h, v18.8h, v1.8h
	WORD $0x4e738652 // add v18.8h, v18.8h, v19.8h
	WORD $0x4e658652 // add v18.8h, v18.8h, v5.8h
	WORD $0x4e608435 // add v21.8h, v1.8h, v0.8h
	WORD $0x4e7586b5 // add v21.8h, v21.8h, v21.8h
	WORD $0x4e7386b5 // add v21.8h, v21.8h, v19.8h
	WORD $0x6f1d2652 // urshr v18.8h, v18.8h, #3
	WORD $0x6f1e2673 // urshr v19.8h, v19.8h, #2
	WORD $0x6f1d26b5 // urshr v21.8h, v21.8h, #3
	WORD $0x4e708471 // add v17.8h, v3.8h, v16.8h
	WORD $0x4e716e52 // smin v18.8h, v18.8h, v17.8h
	WORD $0x6e708471 // sub v17.8h, v3.8h, v16.8h
	WORD $0x4e716652 // smax v18.8h, v18.8h, v17.8h
	WORD $0x4e708451 // add v17.8h, v2.8h, v16.8h
	WORD $0x4e716e73 // smin v19.8h, v19.8h, v17.8h
	WORD $0x6e708451 // sub v17.8h, v2.8h, v16.8h
	WORD $0x4e716673 // smax v19.8h, v19.8h, v17.8h
	WORD $0x4e708431 // add v17.8h, v1.8h, v16.8h
	WORD $0x4e716eb5 // smin v21.8h, v21.8h, v17.8h
	WORD $0x6e708431 // sub v17.8h, v1.8h, v16.8h
	WORD $0x4e7166b5 // smax v21.8h, v21.8h, v17.8h
	WORD $0x4e6586d7 // add v23.8h, v22.8h, v5.8h
	WORD $0x4e6686f8 // add v24.8h, v23.8h, v6.8h
	WORD $0x4e7886f7 // add v23.8h, v23.8h, v24.8h
	WORD $0x4e6286f7 // add v23.8h, v23.8h, v2.8h
	WORD $0x4e6784d9 // add v25.8h, v6.8h, v7.8h
	WORD $0x4e798739 // add v25.8h, v25.8h, v25.8h
	WORD $0x4e788739 // add v25.8h, v25.8h, v24.8h
	WORD $0x6f1d26f7 // urshr v23.8h, v23.8h, #3
	WORD $0x6f1e2718 // urshr v24.8h, v24.8h, #2
	WORD $0x6f1d2739 // urshr v25.8h, v25.8h, #3
	WORD $0x4e708491 // add v17.8h, v4.8h, v16.8h
	WORD $0x4e716ef7 // smin v23.8h, v23.8h, v17.8h
	WORD $0x6e708491 // sub v17.8h, v4.8h, v16.8h
	WORD $0x4e7166f7 // smax v23.8h, v23.8h, v17.8h
	WORD $0x4e7084b1 // add v17.8h, v5.8h, v16.8h
	WORD $0x4e716f18 // smin v24.8h, v24.8h, v17.8h
	WORD $0x6e7084b1 // sub v17.8h, v5.8h, v16.8h
	WORD $0x4e716718 // smax v24.8h, v24.8h, v17.8h
	WORD $0x4e7084d1 // add v17.8h, v6.8h, v16.8h
	WORD $0x4e716f39 // smin v25.8h, v25.8h, v17.8h
	WORD $0x6e7084d1 // sub v17.8h, v6.8h, v16.8h
	WORD $0x4e716739 // smax v25.8h, v25.8h, v17.8h
	WORD $0x6eb41e43 // bit v3.16b, v18.16b, v20.16b
	WORD $0x6eb41e62 // bit v2.16b, v19.16b, v20.16b
	WORD $0x6eb41ea1 // bit v1.16b, v21.16b, v20.16b
	WORD $0x6eb41ee4 // bit v4.16b, v23.16b, v20.16b
	WORD $0x6eb41f05 // bit v5.16b, v24.16b, v20.16b
	WORD $0x6eb41f26 // bit v6.16b, v25.16b, v20.16b
	WORD $0x4e443810 // zip1 v16.8h, v0.8h, v4.8h
	WORD $0x4e447811 // zip2 v17.8h, v0.8h, v4.8h
	WORD $0x4e453832 // zip1 v18.8h, v1.8h, v5.8h
	WORD $0x4e457833 // zip2 v19.8h, v1.8h, v5.8h
	WORD $0x4e463854 // zip1 v20.8h, v2.8h, v6.8h
	WORD $0x4e467855 // zip2 v21.8h, v2.8h, v6.8h
	WORD $0x4e473876 // zip1 v22.8h, v3.8h, v7.8h
	WORD $0x4e477877 // zip2 v23.8h, v3.8h, v7.8h
	WORD $0x4e543a00 // zip1 v0.8h, v16.8h, v20.8h
	WORD $0x4e547a01 // zip2 v1.8h, v16.8h, v20.8h
	WORD $0x4e553a22 // zip1 v2.8h, v17.8h, v21.8h
	WORD $0x4e557a23 // zip2 v3.8h, v17.8h, v21.8h
	WORD $0x4e563a44 // zip1 v4.8h, v18.8h, v22.8h
	WORD $0x4e567a45 // zip2 v5.8h, v18.8h, v22.8h
	WORD $0x4e573a66 // zip1 v6.8h, v19.8h, v23.8h
	WORD $0x4e577a67 // zip2 v7.8h, v19.8h, v23.8h
	WORD $0x4e443810 // zip1 v16.8h, v0.8h, v4.8h
	WORD $0x4e447811 // zip2 v17.8h, v0.8h, v4.8h
	WORD $0x4e453832 // zip1 v18.8h, v1.8h, v5.8h
	WORD $0x4e457833 // zip2 v19.8h, v1.8h, v5.8h
	WORD $0x4e463854 // zip1 v20.8h, v2.8h, v6.8h
	WORD $0x4e467855 // zip2 v21.8h, v2.8h, v6.8h
	WORD $0x4e473876 // zip1 v22.8h, v3.8h, v7.8h
	WORD $0x4e477877 // zip2 v23.8h, v3.8h, v7.8h
	WORD $0xaa0803e5 // mov x5, x8
	WORD $0x4c8174b0 // st1 {v16.8h}, [x5], x1
	WORD $0x4c8174b1 // st1 {v17.8h}, [x5], x1
	WORD $0x4c8174b2 // st1 {v18.8h}, [x5], x1
	WORD $0x4c8174b3 // st1 {v19.8h}, [x5], x1
	WORD $0x4c8174b4 // st1 {v20.8h}, [x5], x1
	WORD $0x4c8174b5 // st1 {v21.8h}, [x5], x1
	WORD $0x4c8174b6 // st1 {v22.8h}, [x5], x1
	WORD $0x4c0074b7 // st1 {v23.8h}, [x5]
	WORD $0x8b070108 // add x8, x8, x7
	WORD $0x91001042 // add x2, x2, #0x4
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54ffe3c1 // b.ne 24
	WORD $0x91004000 // add x0, x0, #0x10
	WORD $0x91002042 // add x2, x2, #0x8
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x54ffe301 // b.ne 1c
	RET

// func chromaHorizontalVector(pix *uint16, stride int, edges *levels, n int, top uint16)
TEXT ·chromaHorizontalVector(SB), NOSPLIT, $0-34
	MOVD  pix+0(FP), R0
	MOVD  stride+8(FP), R1
	MOVD  edges+16(FP), R2
	MOVD  n+24(FP), R3
	MOVHU top+32(FP), R9
	WORD $0x4e020d3f // dup v31.8h, w9
	WORD $0x4f00841e // movi v30.8h, #0x0
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd2800044 // mov x4, #0x2                    // #2
	WORD $0xb9400049 // ldr w9, [x2]
	WORD $0x34000349 // cbz w9, 7c
	WORD $0xaa0003e5 // mov x5, x0
	WORD $0x4cc174a0 // ld1 {v0.8h}, [x5], x1
	WORD $0xaa0503e6 // mov x6, x5
	WORD $0x4cc174a1 // ld1 {v1.8h}, [x5], x1
	WORD $0x4cc174a2 // ld1 {v2.8h}, [x5], x1
	WORD $0x4c4074a3 // ld1 {v3.8h}, [x5]
	WORD $0xbd400050 // ldr s16, [x2]
	WORD $0x0e503a10 // zip1 v16.4h, v16.4h, v16.4h
	WORD $0x4e503a10 // zip1 v16.8h, v16.8h, v16.8h
	WORD $0x6e60ba11 // neg v17.8h, v16.8h
	WORD $0x6e618452 // sub v18.8h, v2.8h, v1.8h
	WORD $0x4f125652 // shl v18.8h, v18.8h, #2
	WORD $0x4e608652 // add v18.8h, v18.8h, v0.8h
	WORD $0x6e638652 // sub v18.8h, v18.8h, v3.8h
	WORD $0x4f1d2652 // srshr v18.8h, v18.8h, #3
	WORD $0x4e706e52 // smin v18.8h, v18.8h, v16.8h
	WORD $0x4e716652 // smax v18.8h, v18.8h, v17.8h
	WORD $0x4e728421 // add v1.8h, v1.8h, v18.8h
	WORD $0x6e728442 // sub v2.8h, v2.8h, v18.8h
	WORD $0x4e7e6421 // smax v1.8h, v1.8h, v30.8h
	WORD $0x4e7f6c21 // smin v1.8h, v1.8h, v31.8h
	WORD $0x4e7e6442 // smax v2.8h, v2.8h, v30.8h
	WORD $0x4e7f6c42 // smin v2.8h, v2.8h, v31.8h
	WORD $0x4c8174c1 // st1 {v1.8h}, [x6], x1
	WORD $0x4c0074c2 // st1 {v2.8h}, [x6]
	WORD $0x91004000 // add x0, x0, #0x10
	WORD $0x91001042 // add x2, x2, #0x4
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fffc41 // b.ne 10
	WORD $0x91002042 // add x2, x2, #0x8
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x54fffbc1 // b.ne c
	RET

// func chromaVerticalVector(pix *uint16, stride, high int, edges *levels, n int, top uint16)
TEXT ·chromaVerticalVector(SB), NOSPLIT, $0-42
	MOVD  pix+0(FP), R0
	MOVD  stride+8(FP), R1
	MOVD  high+16(FP), R7
	MOVD  edges+24(FP), R2
	MOVD  n+32(FP), R3
	MOVHU top+40(FP), R9
	WORD $0x4e020d3f // dup v31.8h, w9
	WORD $0x4f00841e // movi v30.8h, #0x0
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0xd37ff8e7 // lsl x7, x7, #1
	WORD $0xd2800044 // mov x4, #0x2                    // #2
	WORD $0xaa0003e8 // mov x8, x0
	WORD $0xb9400049 // ldr w9, [x2]
	WORD $0x340005c9 // cbz w9, d4
	WORD $0x91001105 // add x5, x8, #0x4
	WORD $0x91001906 // add x6, x8, #0x6
	WORD $0x0dc184b0 // ld1 {v16.d}[0], [x5], x1
	WORD $0x0dc184b1 // ld1 {v17.d}[0], [x5], x1
	WORD $0x0dc184b2 // ld1 {v18.d}[0], [x5], x1
	WORD $0x0dc184b3 // ld1 {v19.d}[0], [x5], x1
	WORD $0x4dc184b0 // ld1 {v16.d}[1], [x5], x1
	WORD $0x4dc184b1 // ld1 {v17.d}[1], [x5], x1
	WORD $0x4dc184b2 // ld1 {v18.d}[1], [x5], x1
	WORD $0x4d4084b3 // ld1 {v19.d}[1], [x5]
	WORD $0x4e512a14 // trn1 v20.8h, v16.8h, v17.8h
	WORD $0x4e516a15 // trn2 v21.8h, v16.8h, v17.8h
	WORD $0x4e532a56 // trn1 v22.8h, v18.8h, v19.8h
	WORD $0x4e536a57 // trn2 v23.8h, v18.8h, v19.8h
	WORD $0x4e962a80 // trn1 v0.4s, v20.4s, v22.4s
	WORD $0x4e972aa1 // trn1 v1.4s, v21.4s, v23.4s
	WORD $0x4e966a82 // trn2 v2.4s, v20.4s, v22.4s
	WORD $0x4e976aa3 // trn2 v3.4s, v21.4s, v23.4s
	WORD $0xbd400050 // ldr s16, [x2]
	WORD $0x0e503a10 // zip1 v16.4h, v16.4h, v16.4h
	WORD $0x4e503a10 // zip1 v16.8h, v16.8h, v16.8h
	WORD $0x6e60ba11 // neg v17.8h, v16.8h
	WORD $0x6e618452 // sub v18.8h, v2.8h, v1.8h
	WORD $0x4f125652 // shl v18.8h, v18.8h, #2
	WORD $0x4e608652 // add v18.8h, v18.8h, v0.8h
	WORD $0x6e638652 // sub v18.8h, v18.8h, v3.8h
	WORD $0x4f1d2652 // srshr v18.8h, v18.8h, #3
	WORD $0x4e706e52 // smin v18.8h, v18.8h, v16.8h
	WORD $0x4e716652 // smax v18.8h, v18.8h, v17.8h
	WORD $0x4e728421 // add v1.8h, v1.8h, v18.8h
	WORD $0x6e728442 // sub v2.8h, v2.8h, v18.8h
	WORD $0x4e7e6421 // smax v1.8h, v1.8h, v30.8h
	WORD $0x4e7f6c21 // smin v1.8h, v1.8h, v31.8h
	WORD $0x4e7e6442 // smax v2.8h, v2.8h, v30.8h
	WORD $0x4e7f6c42 // smin v2.8h, v2.8h, v31.8h
	WORD $0x4e423830 // zip1 v16.8h, v1.8h, v2.8h
	WORD $0x4e427831 // zip2 v17.8h, v1.8h, v2.8h
	WORD $0x0d8180d0 // st1 {v16.s}[0], [x6], x1
	WORD $0x0d8190d0 // st1 {v16.s}[1], [x6], x1
	WORD $0x4d8180d0 // st1 {v16.s}[2], [x6], x1
	WORD $0x4d8190d0 // st1 {v16.s}[3], [x6], x1
	WORD $0x0d8180d1 // st1 {v17.s}[0], [x6], x1
	WORD $0x0d8190d1 // st1 {v17.s}[1], [x6], x1
	WORD $0x4d8180d1 // st1 {v17.s}[2], [x6], x1
	WORD $0x4d0090d1 // st1 {v17.s}[3], [x6]
	WORD $0x8b070108 // add x8, x8, x7
	WORD $0x91001042 // add x2, x2, #0x4
	WORD $0xf1000484 // subs x4, x4, #0x1
	WORD $0x54fff9c1 // b.ne 18
	WORD $0x91004000 // add x0, x0, #0x10
	WORD $0x91002042 // add x2, x2, #0x8
	WORD $0xf1000463 // subs x3, x3, #0x1
	WORD $0x54fff901 // b.ne 10
	RET
