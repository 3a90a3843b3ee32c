// Code generated from inverse_large_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

//go:build !noasm

#include "textflag.h"

// func addInverseLargeVector(pix *uint16, stride int, coeffs, columnWeights, rowWeights *int16,
//	size, columns, rows, depth int)
//
// The frame holds the results of the columns' stage in rows of 2*size bytes.
TEXT ·addInverseLargeVector(SB), 0, $2064-72
	MOVD pix+0(FP), R0
	MOVD stride+8(FP), R1
	MOVD coeffs+16(FP), R2
	MOVD columnWeights+24(FP), R3
	MOVD rowWeights+32(FP), R4
	MOVD size+40(FP), R5
	MOVD columns+48(FP), R6
	MOVD rows+56(FP), R7
	MOVD depth+64(FP), R9
	MOVD $frame-2048(SP), R15
	WORD $0xd37ff821 // lsl x1, x1, #1
	WORD $0x5100512a // sub w10, w9, #0x14
	WORD $0x4e040d48 // dup v8.4s, w10
	WORD $0x5280002a // mov w10, #0x1                    // #1
	WORD $0x1ac9214a // lsl w10, w10, w9
	WORD $0x5100054a // sub w10, w10, #0x1
	WORD $0x4e020d4a // dup v10.8h, w10
	WORD $0x4f008409 // movi v9.8h, #0x0
	WORD $0xd37ff8a8 // lsl x8, x5, #1
	WORD $0x910004e7 // add x7, x7, #0x1
	WORD $0xd341fce7 // lsr x7, x7, #1
	WORD $0xaa0603f0 // mov x16, x6
	WORD $0xaa0f03f1 // mov x17, x15
	WORD $0xaa1103ed // mov x13, x17
	WORD $0xd10004a9 // sub x9, x5, #0x1
	WORD $0x9b08452e // madd x14, x9, x8, x17
	WORD $0xaa0303f3 // mov x19, x3
	WORD $0xaa0203ea // mov x10, x2
	WORD $0xaa1303eb // mov x11, x19
	WORD $0xaa0703ec // mov x12, x7
	WORD $0x3cc10560 // ldr q0, [x11], #16
	WORD $0x4cc87541 // ld1 {v1.8h}, [x10], x8
	WORD $0x4cc87542 // ld1 {v2.8h}, [x10], x8
	WORD $0x0f40a030 // smull v16.4s, v1.4h, v0.h[0]
	WORD $0x4f40a031 // smull2 v17.4s, v1.8h, v0.h[0]
	WORD $0x0f40a858 // smull v24.4s, v2.4h, v0.h[4]
	WORD $0x4f40a859 // smull2 v25.4s, v2.8h, v0.h[4]
	WORD $0x0f50a032 // smull v18.4s, v1.4h, v0.h[1]
	WORD $0x4f50a033 // smull2 v19.4s, v1.8h, v0.h[1]
	WORD $0x0f50a85a // smull v26.4s, v2.4h, v0.h[5]
	WORD $0x4f50a85b // smull2 v27.4s, v2.8h, v0.h[5]
	WORD $0x0f60a034 // smull v20.4s, v1.4h, v0.h[2]
	WORD $0x4f60a035 // smull2 v21.4s, v1.8h, v0.h[2]
	WORD $0x0f60a85c // smull v28.4s, v2.4h, v0.h[6]
	WORD $0x4f60a85d // smull2 v29.4s, v2.8h, v0.h[6]
	WORD $0x0f70a036 // smull v22.4s, v1.4h, v0.h[3]
	WORD $0x4f70a037 // smull2 v23.4s, v1.8h, v0.h[3]
	WORD $0x0f70a85e // smull v30.4s, v2.4h, v0.h[7]
	WORD $0x4f70a85f // smull2 v31.4s, v2.8h, v0.h[7]
	WORD $0xf100058c // subs x12, x12, #0x1
	WORD $0x540002c0 // b.eq f8
	WORD $0x3cc10560 // ldr q0, [x11], #16
	WORD $0x4cc87541 // ld1 {v1.8h}, [x10], x8
	WORD $0x4cc87542 // ld1 {v2.8h}, [x10], x8
	WORD $0x0f402030 // smlal v16.4s, v1.4h, v0.h[0]
	WORD $0x4f402031 // smlal2 v17.4s, v1.8h, v0.h[0]
	WORD $0x0f402858 // smlal v24.4s, v2.4h, v0.h[4]
	WORD $0x4f402859 // smlal2 v25.4s, v2.8h, v0.h[4]
	WORD $0x0f502032 // smlal v18.4s, v1.4h, v0.h[1]
	WORD $0x4f502033 // smlal2 v19.4s, v1.8h, v0.h[1]
	WORD $0x0f50285a // smlal v26.4s, v2.4h, v0.h[5]
	WORD $0x4f50285b // smlal2 v27.4s, v2.8h, v0.h[5]
	WORD $0x0f602034 // smlal v20.4s, v1.4h, v0.h[2]
	WORD $0x4f602035 // smlal2 v21.4s, v1.8h, v0.h[2]
	WORD $0x0f60285c // smlal v28.4s, v2.4h, v0.h[6]
	WORD $0x4f60285d // smlal2 v29.4s, v2.8h, v0.h[6]
	WORD $0x0f702036 // smlal v22.4s, v1.4h, v0.h[3]
	WORD $0x4f702037 // smlal2 v23.4s, v1.8h, v0.h[3]
	WORD $0x0f70285e // smlal v30.4s, v2.4h, v0.h[7]
	WORD $0x4f70285f // smlal2 v31.4s, v2.8h, v0.h[7]
	WORD $0xf100058c // subs x12, x12, #0x1
	WORD $0x54fffd81 // b.ne a4
	WORD $0x4eb88603 // add v3.4s, v16.4s, v24.4s
	WORD $0x4eb98624 // add v4.4s, v17.4s, v25.4s
	WORD $0x6eb88605 // sub v5.4s, v16.4s, v24.4s
	WORD $0x6eb98626 // sub v6.4s, v17.4s, v25.4s
	WORD $0x0f199c63 // sqrshrn v3.4h, v3.4s, #7
	WORD $0x0f199ca5 // sqrshrn v5.4h, v5.4s, #7
	WORD $0x4f199c83 // sqrshrn2 v3.8h, v4.4s, #7
	WORD $0x4f199cc5 // sqrshrn2 v5.8h, v6.4s, #7
	WORD $0x4c8875a3 // st1 {v3.8h}, [x13], x8
	WORD $0x3d8001c5 // str q5, [x14]
	WORD $0xcb0801ce // sub x14, x14, x8
	WORD $0x4eba8643 // add v3.4s, v18.4s, v26.4s
	WORD $0x4ebb8664 // add v4.4s, v19.4s, v27.4s
	WORD $0x6eba8645 // sub v5.4s, v18.4s, v26.4s
	WORD $0x6ebb8666 // sub v6.4s, v19.4s, v27.4s
	WORD $0x0f199c63 // sqrshrn v3.4h, v3.4s, #7
	WORD $0x0f199ca5 // sqrshrn v5.4h, v5.4s, #7
	WORD $0x4f199c83 // sqrshrn2 v3.8h, v4.4s, #7
	WORD $0x4f199cc5 // sqrshrn2 v5.8h, v6.4s, #7
	WORD $0x4c8875a3 // st1 {v3.8h}, [x13], x8
	WORD $0x3d8001c5 // str q5, [x14]
	WORD $0xcb0801ce // sub x14, x14, x8
	WORD $0x4ebc8683 // add v3.4s, v20.4s, v28.4s
	WORD $0x4ebd86a4 // add v4.4s, v21.4s, v29.4s
	WORD $0x6ebc8685 // sub v5.4s, v20.4s, v28.4s
	WORD $0x6ebd86a6 // sub v6.4s, v21.4s, v29.4s
	WORD $0x0f199c63 // sqrshrn v3.4h, v3.4s, #7
	WORD $0x0f199ca5 // sqrshrn v5.4h, v5.4s, #7
	WORD $0x4f199c83 // sqrshrn2 v3.8h, v4.4s, #7
	WORD $0x4f199cc5 // sqrshrn2 v5.8h, v6.4s, #7
	WORD $0x4c8875a3 // st1 {v3.8h}, [x13], x8
	WORD $0x3d8001c5 // str q5, [x14]
	WORD $0xcb0801ce // sub x14, x14, x8
	WORD $0x4ebe86c3 // add v3.4s, v22.4s, v30.4s
	WORD $0x4ebf86e4 // add v4.4s, v23.4s, v31.4s
	WORD $0x6ebe86c5 // sub v5.4s, v22.4s, v30.4s
	WORD $0x6ebf86e6 // sub v6.4s, v23.4s, v31.4s
	WORD $0x0f199c63 // sqrshrn v3.4h, v3.4s, #7
	WORD $0x0f199ca5 // sqrshrn v5.4h, v5.4s, #7
	WORD $0x4f199c83 // sqrshrn2 v3.8h, v4.4s, #7
	WORD $0x4f199cc5 // sqrshrn2 v5.8h, v6.4s, #7
	WORD $0x4c8875a3 // st1 {v3.8h}, [x13], x8
	WORD $0x3d8001c5 // str q5, [x14]
	WORD $0xcb0801ce // sub x14, x14, x8
	WORD $0x8b080a73 // add x19, x19, x8, lsl #2
	WORD $0xeb0e01bf // cmp x13, x14
	WORD $0x54fff4ab // b.lt 44
	WORD $0xaa0203ea // mov x10, x2
	WORD $0xaa0703ec // mov x12, x7
	WORD $0x4c887549 // st1 {v9.8h}, [x10], x8
	WORD $0x4c887549 // st1 {v9.8h}, [x10], x8
	WORD $0xf100058c // subs x12, x12, #0x1
	WORD $0x54ffffa1 // b.ne 1bc
	WORD $0x91004042 // add x2, x2, #0x10
	WORD $0x91004231 // add x17, x17, #0x10
	WORD $0xf1002210 // subs x16, x16, #0x8
	WORD $0x54fff2ec // b.gt 34
	WORD $0x91000cc6 // add x6, x6, #0x3
	WORD $0xd342fcc6 // lsr x6, x6, #2
	WORD $0xaa0503e7 // mov x7, x5
	WORD $0xf10080bf // cmp x5, #0x20
	WORD $0x54001660 // b.eq 4b8
	WORD $0xaa0403ea // mov x10, x4
	WORD $0xaa0f03eb // mov x11, x15
	WORD $0x8b08016c // add x12, x11, x8
	WORD $0x8b08018d // add x13, x12, x8
	WORD $0x8b0801ae // add x14, x13, x8
	WORD $0xaa0603e9 // mov x9, x6
	WORD $0xacc10540 // ldp q0, q1, [x10], #32
	WORD $0xacc10d42 // ldp q2, q3, [x10], #32
	WORD $0xfc408564 // ldr d4, [x11], #8
	WORD $0xfc408585 // ldr d5, [x12], #8
	WORD $0xfc4085a6 // ldr d6, [x13], #8
	WORD $0xfc4085c7 // ldr d7, [x14], #8
	WORD $0x0f44a010 // smull v16.4s, v0.4h, v4.h[0]
	WORD $0x4f44a011 // smull2 v17.4s, v0.8h, v4.h[0]
	WORD $0x0f54a038 // smull v24.4s, v1.4h, v4.h[1]
	WORD $0x4f54a039 // smull2 v25.4s, v1.8h, v4.h[1]
	WORD $0x0f45a012 // smull v18.4s, v0.4h, v5.h[0]
	WORD $0x4f45a013 // smull2 v19.4s, v0.8h, v5.h[0]
	WORD $0x0f55a03a // smull v26.4s, v1.4h, v5.h[1]
	WORD $0x4f55a03b // smull2 v27.4s, v1.8h, v5.h[1]
	WORD $0x0f46a014 // smull v20.4s, v0.4h, v6.h[0]
	WORD $0x4f46a015 // smull2 v21.4s, v0.8h, v6.h[0]
	WORD $0x0f56a03c // smull v28.4s, v1.4h, v6.h[1]
	WORD $0x4f56a03d // smull2 v29.4s, v1.8h, v6.h[1]
	WORD $0x0f47a016 // smull v22.4s, v0.4h, v7.h[0]
	WORD $0x4f47a017 // smull2 v23.4s, v0.8h, v7.h[0]
	WORD $0x0f57a03e // smull v30.4s, v1.4h, v7.h[1]
	WORD $0x4f57a03f // smull2 v31.4s, v1.8h, v7.h[1]
	WORD $0x0f642050 // smlal v16.4s, v2.4h, v4.h[2]
	WORD $0x4f642051 // smlal2 v17.4s, v2.8h, v4.h[2]
	WORD $0x0f742078 // smlal v24.4s, v3.4h, v4.h[3]
	WORD $0x4f742079 // smlal2 v25.4s, v3.8h, v4.h[3]
	WORD $0x0f652052 // smlal v18.4s, v2.4h, v5.h[2]
	WORD $0x4f652053 // smlal2 v19.4s, v2.8h, v5.h[2]
	WORD $0x0f75207a // smlal v26.4s, v3.4h, v5.h[3]
	WORD $0x4f75207b // smlal2 v27.4s, v3.8h, v5.h[3]
	WORD $0x0f662054 // smlal v20.4s, v2.4h, v6.h[2]
	WORD $0x4f662055 // smlal2 v21.4s, v2.8h, v6.h[2]
	WORD $0x0f76207c // smlal v28.4s, v3.4h, v6.h[3]
	WORD $0x4f76207d // smlal2 v29.4s, v3.8h, v6.h[3]
	WORD $0x0f672056 // smlal v22.4s, v2.4h, v7.h[2]
	WORD $0x4f672057 // smlal2 v23.4s, v2.8h, v7.h[2]
	WORD $0x0f77207e // smlal v30.4s, v3.4h, v7.h[3]
	WORD $0x4f77207f // smlal2 v31.4s, v3.8h, v7.h[3]
	WORD $0xf1000529 // subs x9, x9, #0x1
	WORD $0x54000520 // b.eq 348
	WORD $0xacc10540 // ldp q0, q1, [x10], #32
	WORD $0xacc10d42 // ldp q2, q3, [x10], #32
	WORD $0xfc408564 // ldr d4, [x11], #8
	WORD $0xfc408585 // ldr d5, [x12], #8
	WORD $0xfc4085a6 // ldr d6, [x13], #8
	WORD $0xfc4085c7 // ldr d7, [x14], #8
	WORD $0x0f442010 // smlal v16.4s, v0.4h, v4.h[0]
	WORD $0x4f442011 // smlal2 v17.4s, v0.8h, v4.h[0]
	WORD $0x0f542038 // smlal v24.4s, v1.4h, v4.h[1]
	WORD $0x4f542039 // smlal2 v25.4s, v1.8h, v4.h[1]
	WORD $0x0f452012 // smlal v18.4s, v0.4h, v5.h[0]
	WORD $0x4f452013 // smlal2 v19.4s, v0.8h, v5.h[0]
	WORD $0x0f55203a // smlal v26.4s, v1.4h, v5.h[1]
	WORD $0x4f55203b // smlal2 v27.4s, v1.8h, v5.h[1]
	WORD $0x0f462014 // smlal v20.4s, v0.4h, v6.h[0]
	WORD $0x4f462015 // smlal2 v21.4s, v0.8h, v6.h[0]
	WORD $0x0f56203c // smlal v28.4s, v1.4h, v6.h[1]
	WORD $0x4f56203d // smlal2 v29.4s, v1.8h, v6.h[1]
	WORD $0x0f472016 // smlal v22.4s, v0.4h, v7.h[0]
	WORD $0x4f472017 // smlal2 v23.4s, v0.8h, v7.h[0]
	WORD $0x0f57203e // smlal v30.4s, v1.4h, v7.h[1]
	WORD $0x4f57203f // smlal2 v31.4s, v1.8h, v7.h[1]
	WORD $0x0f642050 // smlal v16.4s, v2.4h, v4.h[2]
	WORD $0x4f642051 // smlal2 v17.4s, v2.8h, v4.h[2]
	WORD $0x0f742078 // smlal v24.4s, v3.4h, v4.h[3]
	WORD $0x4f742079 // smlal2 v25.4s, v3.8h, v4.h[3]
	WORD $0x0f652052 // smlal v18.4s, v2.4h, v5.h[2]
	WORD $0x4f652053 // smlal2 v19.4s, v2.8h, v5.h[2]
	WORD $0x0f75207a // smlal v26.4s, v3.4h, v5.h[3]
	WORD $0x4f75207b // smlal2 v27.4s, v3.8h, v5.h[3]
	WORD $0x0f662054 // smlal v20.4s, v2.4h, v6.h[2]
	WORD $0x4f662055 // smlal2 v21.4s, v2.8h, v6.h[2]
	WORD $0x0f76207c // smlal v28.4s, v3.4h, v6.h[3]
	WORD $0x4f76207d // smlal2 v29.4s, v3.8h, v6.h[3]
	WORD $0x0f672056 // smlal v22.4s, v2.4h, v7.h[2]
	WORD $0x4f672057 // smlal2 v23.4s, v2.8h, v7.h[2]
	WORD $0x0f77207e // smlal v30.4s, v3.4h, v7.h[3]
	WORD $0x4f77207f // smlal2 v31.4s, v3.8h, v7.h[3]
	WORD $0xf1000529 // subs x9, x9, #0x1
	WORD $0x54fffb21 // b.ne 2a8
	WORD $0x6eb8860d // sub v13.4s, v16.4s, v24.4s
	WORD $0x6eb9862e // sub v14.4s, v17.4s, v25.4s
	WORD $0x4eb88610 // add v16.4s, v16.4s, v24.4s
	WORD $0x4eb98631 // add v17.4s, v17.4s, v25.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85610 // srshl v16.4s, v16.4s, v8.4s
	WORD $0x4ea85631 // srshl v17.4s, v17.4s, v8.4s
	WORD $0x0e6149b8 // sqxtn v24.4h, v13.4s
	WORD $0x4e6149d8 // sqxtn2 v24.8h, v14.4s
	WORD $0x0e614a10 // sqxtn v16.4h, v16.4s
	WORD $0x4e614a30 // sqxtn2 v16.8h, v17.4s
	WORD $0x4e600b18 // rev64 v24.8h, v24.8h
	WORD $0x6e184318 // ext v24.16b, v24.16b, v24.16b, #8
	WORD $0xad40380d // ldp q13, q14, [x0]
	WORD $0x4e700dad // sqadd v13.8h, v13.8h, v16.8h
	WORD $0x4e6965ad // smax v13.8h, v13.8h, v9.8h
	WORD $0x4e6a6dad // smin v13.8h, v13.8h, v10.8h
	WORD $0x4e780dce // sqadd v14.8h, v14.8h, v24.8h
	WORD $0x4e6965ce // smax v14.8h, v14.8h, v9.8h
	WORD $0x4e6a6dce // smin v14.8h, v14.8h, v10.8h
	WORD $0x4c81a40d // st1 {v13.8h, v14.8h}, [x0], x1
	WORD $0x6eba864d // sub v13.4s, v18.4s, v26.4s
	WORD $0x6ebb866e // sub v14.4s, v19.4s, v27.4s
	WORD $0x4eba8652 // add v18.4s, v18.4s, v26.4s
	WORD $0x4ebb8673 // add v19.4s, v19.4s, v27.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85652 // srshl v18.4s, v18.4s, v8.4s
	WORD $0x4ea85673 // srshl v19.4s, v19.4s, v8.4s
	WORD $0x0e6149ba // sqxtn v26.4h, v13.4s
	WORD $0x4e6149da // sqxtn2 v26.8h, v14.4s
	WORD $0x0e614a52 // sqxtn v18.4h, v18.4s
	WORD $0x4e614a72 // sqxtn2 v18.8h, v19.4s
	WORD $0x4e600b5a // rev64 v26.8h, v26.8h
	WORD $0x6e1a435a // ext v26.16b, v26.16b, v26.16b, #8
	WORD $0xad40380d // ldp q13, q14, [x0]
	WORD $0x4e720dad // sqadd v13.8h, v13.8h, v18.8h
	WORD $0x4e6965ad // smax v13.8h, v13.8h, v9.8h
	WORD $0x4e6a6dad // smin v13.8h, v13.8h, v10.8h
	WORD $0x4e7a0dce // sqadd v14.8h, v14.8h, v26.8h
	WORD $0x4e6965ce // smax v14.8h, v14.8h, v9.8h
	WORD $0x4e6a6dce // smin v14.8h, v14.8h, v10.8h
	WORD $0x4c81a40d // st1 {v13.8h, v14.8h}, [x0], x1
	WORD $0x6ebc868d // sub v13.4s, v20.4s, v28.4s
	WORD $0x6ebd86ae // sub v14.4s, v21.4s, v29.4s
	WORD $0x4ebc8694 // add v20.4s, v20.4s, v28.4s
	WORD $0x4ebd86b5 // add v21.4s, v21.4s, v29.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85694 // srshl v20.4s, v20.4s, v8.4s
	WORD $0x4ea856b5 // srshl v21.4s, v21.4s, v8.4s
	WORD $0x0e6149bc // sqxtn v28.4h, v13.4s
	WORD $0x4e6149dc // sqxtn2 v28.8h, v14.4s
	WORD $0x0e614a94 // sqxtn v20.4h, v20.4s
	WORD $0x4e614ab4 // sqxtn2 v20.8h, v21.4s
	WORD $0x4e600b9c // rev64 v28.8h, v28.8h
	WORD $0x6e1c439c // ext v28.16b, v28.16b, v28.16b, #8
	WORD $0xad40380d // ldp q13, q14, [x0]
	WORD $0x4e740dad // sqadd v13.8h, v13.8h, v20.8h
	WORD $0x4e6965ad // smax v13.8h, v13.8h, v9.8h
	WORD $0x4e6a6dad // smin v13.8h, v13.8h, v10.8h
	WORD $0x4e7c0dce // sqadd v14.8h, v14.8h, v28.8h
	WORD $0x4e6965ce // smax v14.8h, v14.8h, v9.8h
	WORD $0x4e6a6dce // smin v14.8h, v14.8h, v10.8h
	WORD $0x4c81a40d // st1 {v13.8h, v14.8h}, [x0], x1
	WORD $0x6ebe86cd // sub v13.4s, v22.4s, v30.4s
	WORD $0x6ebf86ee // sub v14.4s, v23.4s, v31.4s
	WORD $0x4ebe86d6 // add v22.4s, v22.4s, v30.4s
	WORD $0x4ebf86f7 // add v23.4s, v23.4s, v31.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea856d6 // srshl v22.4s, v22.4s, v8.4s
	WORD $0x4ea856f7 // srshl v23.4s, v23.4s, v8.4s
	WORD $0x0e6149be // sqxtn v30.4h, v13.4s
	WORD $0x4e6149de // sqxtn2 v30.8h, v14.4s
	WORD $0x0e614ad6 // sqxtn v22.4h, v22.4s
	WORD $0x4e614af6 // sqxtn2 v22.8h, v23.4s
	WORD $0x4e600bde // rev64 v30.8h, v30.8h
	WORD $0x6e1e43de // ext v30.16b, v30.16b, v30.16b, #8
	WORD $0xad40380d // ldp q13, q14, [x0]
	WORD $0x4e760dad // sqadd v13.8h, v13.8h, v22.8h
	WORD $0x4e6965ad // smax v13.8h, v13.8h, v9.8h
	WORD $0x4e6a6dad // smin v13.8h, v13.8h, v10.8h
	WORD $0x4e7e0dce // sqadd v14.8h, v14.8h, v30.8h
	WORD $0x4e6965ce // smax v14.8h, v14.8h, v9.8h
	WORD $0x4e6a6dce // smin v14.8h, v14.8h, v10.8h
	WORD $0x4c81a40d // st1 {v13.8h, v14.8h}, [x0], x1
	WORD $0x8b0809ef // add x15, x15, x8, lsl #2
	WORD $0xf10010e7 // subs x7, x7, #0x4
	WORD $0x54ffea01 // b.ne 1f0
	WORD $0x140000ac // b 764
	WORD $0xaa0403ea // mov x10, x4
	WORD $0xaa0f03eb // mov x11, x15
	WORD $0x8b08016c // add x12, x11, x8
	WORD $0xaa0603e9 // mov x9, x6
	WORD $0xacc10540 // ldp q0, q1, [x10], #32
	WORD $0xacc10d42 // ldp q2, q3, [x10], #32
	WORD $0xacc11d46 // ldp q6, q7, [x10], #32
	WORD $0xacc1314b // ldp q11, q12, [x10], #32
	WORD $0xfc408564 // ldr d4, [x11], #8
	WORD $0xfc408585 // ldr d5, [x12], #8
	WORD $0x0f44a010 // smull v16.4s, v0.4h, v4.h[0]
	WORD $0x4f44a011 // smull2 v17.4s, v0.8h, v4.h[0]
	WORD $0x0f54a058 // smull v24.4s, v2.4h, v4.h[1]
	WORD $0x4f54a059 // smull2 v25.4s, v2.8h, v4.h[1]
	WORD $0x0f44a032 // smull v18.4s, v1.4h, v4.h[0]
	WORD $0x4f44a033 // smull2 v19.4s, v1.8h, v4.h[0]
	WORD $0x0f54a07a // smull v26.4s, v3.4h, v4.h[1]
	WORD $0x4f54a07b // smull2 v27.4s, v3.8h, v4.h[1]
	WORD $0x0f45a014 // smull v20.4s, v0.4h, v5.h[0]
	WORD $0x4f45a015 // smull2 v21.4s, v0.8h, v5.h[0]
	WORD $0x0f55a05c // smull v28.4s, v2.4h, v5.h[1]
	WORD $0x4f55a05d // smull2 v29.4s, v2.8h, v5.h[1]
	WORD $0x0f45a036 // smull v22.4s, v1.4h, v5.h[0]
	WORD $0x4f45a037 // smull2 v23.4s, v1.8h, v5.h[0]
	WORD $0x0f55a07e // smull v30.4s, v3.4h, v5.h[1]
	WORD $0x4f55a07f // smull2 v31.4s, v3.8h, v5.h[1]
	WORD $0x0f6420d0 // smlal v16.4s, v6.4h, v4.h[2]
	WORD $0x4f6420d1 // smlal2 v17.4s, v6.8h, v4.h[2]
	WORD $0x0f742178 // smlal v24.4s, v11.4h, v4.h[3]
	WORD $0x4f742179 // smlal2 v25.4s, v11.8h, v4.h[3]
	WORD $0x0f6420f2 // smlal v18.4s, v7.4h, v4.h[2]
	WORD $0x4f6420f3 // smlal2 v19.4s, v7.8h, v4.h[2]
	WORD $0x0f74219a // smlal v26.4s, v12.4h, v4.h[3]
	WORD $0x4f74219b // smlal2 v27.4s, v12.8h, v4.h[3]
	WORD $0x0f6520d4 // smlal v20.4s, v6.4h, v5.h[2]
	WORD $0x4f6520d5 // smlal2 v21.4s, v6.8h, v5.h[2]
	WORD $0x0f75217c // smlal v28.4s, v11.4h, v5.h[3]
	WORD $0x4f75217d // smlal2 v29.4s, v11.8h, v5.h[3]
	WORD $0x0f6520f6 // smlal v22.4s, v7.4h, v5.h[2]
	WORD $0x4f6520f7 // smlal2 v23.4s, v7.8h, v5.h[2]
	WORD $0x0f75219e // smlal v30.4s, v12.4h, v5.h[3]
	WORD $0x4f75219f // smlal2 v31.4s, v12.8h, v5.h[3]
	WORD $0xf1000529 // subs x9, x9, #0x1
	WORD $0x54000520 // b.eq 608
	WORD $0xacc10540 // ldp q0, q1, [x10], #32
	WORD $0xacc10d42 // ldp q2, q3, [x10], #32
	WORD $0xacc11d46 // ldp q6, q7, [x10], #32
	WORD $0xacc1314b // ldp q11, q12, [x10], #32
	WORD $0xfc408564 // ldr d4, [x11], #8
	WORD $0xfc408585 // ldr d5, [x12], #8
	WORD $0x0f442010 // smlal v16.4s, v0.4h, v4.h[0]
	WORD $0x4f442011 // smlal2 v17.4s, v0.8h, v4.h[0]
	WORD $0x0f542058 // smlal v24.4s, v2.4h, v4.h[1]
	WORD $0x4f542059 // smlal2 v25.4s, v2.8h, v4.h[1]
	WORD $0x0f442032 // smlal v18.4s, v1.4h, v4.h[0]
	WORD $0x4f442033 // smlal2 v19.4s, v1.8h, v4.h[0]
	WORD $0x0f54207a // smlal v26.4s, v3.4h, v4.h[1]
	WORD $0x4f54207b // smlal2 v27.4s, v3.8h, v4.h[1]
	WORD $0x0f452014 // smlal v20.4s, v0.4h, v5.h[0]
	WORD $0x4f452015 // smlal2 v21.4s, v0.8h, v5.h[0]
	WORD $0x0f55205c // smlal v28.4s, v2.4h, v5.h[1]
	WORD $0x4f55205d // smlal2 v29.4s, v2.8h, v5.h[1]
	WORD $0x0f452036 // smlal v22.4s, v1.4h, v5.h[0]
	WORD $0x4f452037 // smlal2 v23.4s, v1.8h, v5.h[0]
	WORD $0x0f55207e // smlal v30.4s, v3.4h, v5.h[1]
	WORD $0x4f55207f // smlal2 v31.4s, v3.8h, v5.h[1]
	WORD $0x0f6420d0 // smlal v16.4s, v6.4h, v4.h[2]
	WORD $0x4f6420d1 // smlal2 v17.4s, v6.8h, v4.h[2]
	WORD $0x0f742178 // smlal v24.4s, v11.4h, v4.h[3]
	WORD $0x4f742179 // smlal2 v25.4s, v11.8h, v4.h[3]
	WORD $0x0f6420f2 // smlal v18.4s, v7.4h, v4.h[2]
	WORD $0x4f6420f3 // smlal2 v19.4s, v7.8h, v4.h[2]
	WORD $0x0f74219a // smlal v26.4s, v12.4h, v4.h[3]
	WORD $0x4f74219b // smlal2 v27.4s, v12.8h, v4.h[3]
	WORD $0x0f6520d4 // smlal v20.4s, v6.4h, v5.h[2]
	WORD $0x4f6520d5 // smlal2 v21.4s, v6.8h, v5.h[2]
	WORD $0x0f75217c // smlal v28.4s, v11.4h, v5.h[3]
	WORD $0x4f75217d // smlal2 v29.4s, v11.8h, v5.h[3]
	WORD $0x0f6520f6 // smlal v22.4s, v7.4h, v5.h[2]
	WORD $0x4f6520f7 // smlal2 v23.4s, v7.8h, v5.h[2]
	WORD $0x0f75219e // smlal v30.4s, v12.4h, v5.h[3]
	WORD $0x4f75219f // smlal2 v31.4s, v12.8h, v5.h[3]
	WORD $0xf1000529 // subs x9, x9, #0x1
	WORD $0x54fffb21 // b.ne 568
	WORD $0x6eb8860d // sub v13.4s, v16.4s, v24.4s
	WORD $0x6eb9862e // sub v14.4s, v17.4s, v25.4s
	WORD $0x4eb88610 // add v16.4s, v16.4s, v24.4s
	WORD $0x4eb98631 // add v17.4s, v17.4s, v25.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85610 // srshl v16.4s, v16.4s, v8.4s
	WORD $0x4ea85631 // srshl v17.4s, v17.4s, v8.4s
	WORD $0x0e6149b8 // sqxtn v24.4h, v13.4s
	WORD $0x4e6149d8 // sqxtn2 v24.8h, v14.4s
	WORD $0x0e614a10 // sqxtn v16.4h, v16.4s
	WORD $0x4e614a30 // sqxtn2 v16.8h, v17.4s
	WORD $0x4e600b18 // rev64 v24.8h, v24.8h
	WORD $0x6e184318 // ext v24.16b, v24.16b, v24.16b, #8
	WORD $0x6eba864d // sub v13.4s, v18.4s, v26.4s
	WORD $0x6ebb866e // sub v14.4s, v19.4s, v27.4s
	WORD $0x4eba8652 // add v18.4s, v18.4s, v26.4s
	WORD $0x4ebb8673 // add v19.4s, v19.4s, v27.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85652 // srshl v18.4s, v18.4s, v8.4s
	WORD $0x4ea85673 // srshl v19.4s, v19.4s, v8.4s
	WORD $0x0e6149ba // sqxtn v26.4h, v13.4s
	WORD $0x4e6149da // sqxtn2 v26.8h, v14.4s
	WORD $0x0e614a52 // sqxtn v18.4h, v18.4s
	WORD $0x4e614a72 // sqxtn2 v18.8h, v19.4s
	WORD $0x4e600b5a // rev64 v26.8h, v26.8h
	WORD $0x6e1a435a // ext v26.16b, v26.16b, v26.16b, #8
	WORD $0x4c402404 // ld1 {v4.8h-v7.8h}, [x0]
	WORD $0x4e700c84 // sqadd v4.8h, v4.8h, v16.8h
	WORD $0x4e696484 // smax v4.8h, v4.8h, v9.8h
	WORD $0x4e6a6c84 // smin v4.8h, v4.8h, v10.8h
	WORD $0x4e720ca5 // sqadd v5.8h, v5.8h, v18.8h
	WORD $0x4e6964a5 // smax v5.8h, v5.8h, v9.8h
	WORD $0x4e6a6ca5 // smin v5.8h, v5.8h, v10.8h
	WORD $0x4e7a0cc6 // sqadd v6.8h, v6.8h, v26.8h
	WORD $0x4e6964c6 // smax v6.8h, v6.8h, v9.8h
	WORD $0x4e6a6cc6 // smin v6.8h, v6.8h, v10.8h
	WORD $0x4e780ce7 // sqadd v7.8h, v7.8h, v24.8h
	WORD $0x4e6964e7 // smax v7.8h, v7.8h, v9.8h
	WORD $0x4e6a6ce7 // smin v7.8h, v7.8h, v10.8h
	WORD $0x4c812404 // st1 {v4.8h-v7.8h}, [x0], x1
	WORD $0x6ebc868d // sub v13.4s, v20.4s, v28.4s
	WORD $0x6ebd86ae // sub v14.4s, v21.4s, v29.4s
	WORD $0x4ebc8694 // add v20.4s, v20.4s, v28.4s
	WORD $0x4ebd86b5 // add v21.4s, v21.4s, v29.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea85694 // srshl v20.4s, v20.4s, v8.4s
	WORD $0x4ea856b5 // srshl v21.4s, v21.4s, v8.4s
	WORD $0x0e6149bc // sqxtn v28.4h, v13.4s
	WORD $0x4e6149dc // sqxtn2 v28.8h, v14.4s
	WORD $0x0e614a94 // sqxtn v20.4h, v20.4s
	WORD $0x4e614ab4 // sqxtn2 v20.8h, v21.4s
	WORD $0x4e600b9c // rev64 v28.8h, v28.8h
	WORD $0x6e1c439c // ext v28.16b, v28.16b, v28.16b, #8
	WORD $0x6ebe86cd // sub v13.4s, v22.4s, v30.4s
	WORD $0x6ebf86ee // sub v14.4s, v23.4s, v31.4s
	WORD $0x4ebe86d6 // add v22.4s, v22.4s, v30.4s
	WORD $0x4ebf86f7 // add v23.4s, v23.4s, v31.4s
	WORD $0x4ea855ad // srshl v13.4s, v13.4s, v8.4s
	WORD $0x4ea855ce // srshl v14.4s, v14.4s, v8.4s
	WORD $0x4ea856d6 // srshl v22.4s, v22.4s, v8.4s
	WORD $0x4ea856f7 // srshl v23.4s, v23.4s, v8.4s
	WORD $0x0e6149be // sqxtn v30.4h, v13.4s
	WORD $0x4e6149de // sqxtn2 v30.8h, v14.4s
	WORD $0x0e614ad6 // sqxtn v22.4h, v22.4s
	WORD $0x4e614af6 // sqxtn2 v22.8h, v23.4s
	WORD $0x4e600bde // rev64 v30.8h, v30.8h
	WORD $0x6e1e43de // ext v30.16b, v30.16b, v30.16b, #8
	WORD $0x4c402404 // ld1 {v4.8h-v7.8h}, [x0]
	WORD $0x4e740c84 // sqadd v4.8h, v4.8h, v20.8h
	WORD $0x4e696484 // smax v4.8h, v4.8h, v9.8h
	WORD $0x4e6a6c84 // smin v4.8h, v4.8h, v10.8h
	WORD $0x4e760ca5 // sqadd v5.8h, v5.8h, v22.8h
	WORD $0x4e6964a5 // smax v5.8h, v5.8h, v9.8h
	WORD $0x4e6a6ca5 // smin v5.8h, v5.8h, v10.8h
	WORD $0x4e7e0cc6 // sqadd v6.8h, v6.8h, v30.8h
	WORD $0x4e6964c6 // smax v6.8h, v6.8h, v9.8h
	WORD $0x4e6a6cc6 // smin v6.8h, v6.8h, v10.8h
	WORD $0x4e7c0ce7 // sqadd v7.8h, v7.8h, v28.8h
	WORD $0x4e6964e7 // smax v7.8h, v7.8h, v9.8h
	WORD $0x4e6a6ce7 // smin v7.8h, v7.8h, v10.8h
	WORD $0x4c812404 // st1 {v4.8h-v7.8h}, [x0], x1
	WORD $0x8b0805ef // add x15, x15, x8, lsl #1
	WORD $0xf10008e7 // subs x7, x7, #0x2
	WORD $0x54ffeac1 // b.ne 4b8
	RET
