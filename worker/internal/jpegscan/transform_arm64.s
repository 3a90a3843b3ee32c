// Code generated from transform_arm64.neon by darkroom/worker/internal/neon. DO NOT EDIT.

#include "textflag.h"

// The factors of transform8.
DATA factors8<>+0(SB)/4, $2841  // w1
DATA factors8<>+4(SB)/4, $2676  // w2
DATA factors8<>+8(SB)/4, $2408  // w3
DATA factors8<>+12(SB)/4, $1609 // w5
DATA factors8<>+16(SB)/4, $1108 // w6
DATA factors8<>+20(SB)/4, $565  // w7
DATA factors8<>+24(SB)/4, $181  // 256*sqrt(1/2)
GLOBL factors8<>(SB), RODATA|NOPTR, $32

// The factors of transform4.
DATA factors4<>+0(SB)/4, $10703 // r1
DATA factors4<>+4(SB)/4, $4433  // r3
GLOBL factors4<>(SB), RODATA|NOPTR, $8

// func transform8Vector(b *[64]int32, out *byte, stride int)
TEXT ·transform8Vector(SB), NOSPLIT, $0-24
	MOVD b+0(FP), R0
	MOVD out+8(FP), R1
	MOVD stride+16(FP), R2
	MOVD $factors8<>(SB), R3
	WORD $0xad407c7e // ldp q30, q31, [x3]
	WORD $0x4f00049b // movi v27.4s, #0x4
	WORD $0x4f04041c // movi v28.4s, #0x80
	WORD $0x4f04041d // movi v29.4s, #0x80
	WORD $0xad402000 // ldp q0, q8, [x0]
	WORD $0xad412401 // ldp q1, q9, [x0, #32]
	WORD $0xad422802 // ldp q2, q10, [x0, #64]
	WORD $0xad432c03 // ldp q3, q11, [x0, #96]
	WORD $0xad443004 // ldp q4, q12, [x0, #128]
	WORD $0xad453405 // ldp q5, q13, [x0, #160]
	WORD $0xad463806 // ldp q6, q14, [x0, #192]
	WORD $0xad473c07 // ldp q7, q15, [x0, #224]
	WORD $0x4f9e8030 // mul v16.4s, v1.4s, v30.s[0]
	WORD $0x6fbf00f0 // mla v16.4s, v7.4s, v31.s[1]
	WORD $0x4fbf8031 // mul v17.4s, v1.4s, v31.s[1]
	WORD $0x6f9e40f1 // mls v17.4s, v7.4s, v30.s[0]
	WORD $0x4fbe88b2 // mul v18.4s, v5.4s, v30.s[3]
	WORD $0x6f9e0872 // mla v18.4s, v3.4s, v30.s[2]
	WORD $0x4f9e88b3 // mul v19.4s, v5.4s, v30.s[2]
	WORD $0x6fbe4873 // mls v19.4s, v3.4s, v30.s[3]
	WORD $0x4fbe8054 // mul v20.4s, v2.4s, v30.s[1]
	WORD $0x6f9f00d4 // mla v20.4s, v6.4s, v31.s[0]
	WORD $0x4f9f8055 // mul v21.4s, v2.4s, v31.s[0]
	WORD $0x6fbe40d5 // mls v21.4s, v6.4s, v30.s[1]
	WORD $0x6eb28616 // sub v22.4s, v16.4s, v18.4s
	WORD $0x4eb28610 // add v16.4s, v16.4s, v18.4s
	WORD $0x6eb38637 // sub v23.4s, v17.4s, v19.4s
	WORD $0x4eb38631 // add v17.4s, v17.4s, v19.4s
	WORD $0x6eb786d3 // sub v19.4s, v22.4s, v23.4s
	WORD $0x4eb786d2 // add v18.4s, v22.4s, v23.4s
	WORD $0x4f9f8a56 // mul v22.4s, v18.4s, v31.s[2]
	WORD $0x4ebd86d6 // add v22.4s, v22.4s, v29.4s
	WORD $0x4f3806d2 // sshr v18.4s, v22.4s, #8
	WORD $0x4f9f8a77 // mul v23.4s, v19.4s, v31.s[2]
	WORD $0x4ebd86f7 // add v23.4s, v23.4s, v29.4s
	WORD $0x4f3806f3 // sshr v19.4s, v23.4s, #8
	WORD $0x4f2b5416 // shl v22.4s, v0.4s, #11
	WORD $0x4f2b5497 // shl v23.4s, v4.4s, #11
	WORD $0x4ebc86d6 // add v22.4s, v22.4s, v28.4s
	WORD $0x6eb786d8 // sub v24.4s, v22.4s, v23.4s
	WORD $0x4eb786d6 // add v22.4s, v22.4s, v23.4s
	WORD $0x6eb486da // sub v26.4s, v22.4s, v20.4s
	WORD $0x4eb486d9 // add v25.4s, v22.4s, v20.4s
	WORD $0x6eb58716 // sub v22.4s, v24.4s, v21.4s
	WORD $0x4eb58718 // add v24.4s, v24.4s, v21.4s
	WORD $0x6eb08737 // sub v23.4s, v25.4s, v16.4s
	WORD $0x4eb08730 // add v16.4s, v25.4s, v16.4s
	WORD $0x6eb18754 // sub v20.4s, v26.4s, v17.4s
	WORD $0x4eb18759 // add v25.4s, v26.4s, v17.4s
	WORD $0x6eb2871a // sub v26.4s, v24.4s, v18.4s
	WORD $0x4eb28711 // add v17.4s, v24.4s, v18.4s
	WORD $0x6eb386d5 // sub v21.4s, v22.4s, v19.4s
	WORD $0x4eb386d2 // add v18.4s, v22.4s, v19.4s
	WORD $0x4eb91f33 // mov v19.16b, v25.16b
	WORD $0x4eba1f56 // mov v22.16b, v26.16b
	WORD $0x4f380610 // sshr v16.4s, v16.4s, #8
	WORD $0x4f380631 // sshr v17.4s, v17.4s, #8
	WORD $0x4f380652 // sshr v18.4s, v18.4s, #8
	WORD $0x4f380673 // sshr v19.4s, v19.4s, #8
	WORD $0x4f380694 // sshr v20.4s, v20.4s, #8
	WORD $0x4f3806b5 // sshr v21.4s, v21.4s, #8
	WORD $0x4f3806d6 // sshr v22.4s, v22.4s, #8
	WORD $0x4f3806f7 // sshr v23.4s, v23.4s, #8
	WORD $0x4e923a18 // zip1 v24.4s, v16.4s, v18.4s
	WORD $0x4e927a19 // zip2 v25.4s, v16.4s, v18.4s
	WORD $0x4e933a3a // zip1 v26.4s, v17.4s, v19.4s
	WORD $0x4e937a23 // zip2 v3.4s, v17.4s, v19.4s
	WORD $0x4e9a3b00 // zip1 v0.4s, v24.4s, v26.4s
	WORD $0x4e9a7b01 // zip2 v1.4s, v24.4s, v26.4s
	WORD $0x4e833b22 // zip1 v2.4s, v25.4s, v3.4s
	WORD $0x4e837b23 // zip2 v3.4s, v25.4s, v3.4s
	WORD $0x4e963a98 // zip1 v24.4s, v20.4s, v22.4s
	WORD $0x4e967a99 // zip2 v25.4s, v20.4s, v22.4s
	WORD $0x4e973aba // zip1 v26.4s, v21.4s, v23.4s
	WORD $0x4e977aa7 // zip2 v7.4s, v21.4s, v23.4s
	WORD $0x4e9a3b04 // zip1 v4.4s, v24.4s, v26.4s
	WORD $0x4e9a7b05 // zip2 v5.4s, v24.4s, v26.4s
	WORD $0x4e873b26 // zip1 v6.4s, v25.4s, v7.4s
	WORD $0x4e877b27 // zip2 v7.4s, v25.4s, v7.4s
	WORD $0x4f9e8130 // mul v16.4s, v9.4s, v30.s[0]
	WORD $0x6fbf01f0 // mla v16.4s, v15.4s, v31.s[1]
	WORD $0x4fbf8131 // mul v17.4s, v9.4s, v31.s[1]
	WORD $0x6f9e41f1 // mls v17.4s, v15.4s, v30.s[0]
	WORD $0x4fbe89b2 // mul v18.4s, v13.4s, v30.s[3]
	WORD $0x6f9e0972 // mla v18.4s, v11.4s, v30.s[2]
	WORD $0x4f9e89b3 // mul v19.4s, v13.4s, v30.s[2]
	WORD $0x6fbe4973 // mls v19.4s, v11.4s, v30.s[3]
	WORD $0x4fbe8154 // mul v20.4s, v10.4s, v30.s[1]
	WORD $0x6f9f01d4 // mla v20.4s, v14.4s, v31.s[0]
	WORD $0x4f9f8155 // mul v21.4s, v10.4s, v31.s[0]
	WORD $0x6fbe41d5 // mls v21.4s, v14.4s, v30.s[1]
	WORD $0x6eb28616 // sub v22.4s, v16.4s, v18.4s
	WORD $0x4eb28610 // add v16.4s, v16.4s, v18.4s
	WORD $0x6eb38637 // sub v23.4s, v17.4s, v19.4s
	WORD $0x4eb38631 // add v17.4s, v17.4s, v19.4s
	WORD $0x6eb786d3 // sub v19.4s, v22.4s, v23.4s
	WORD $0x4eb786d2 // add v18.4s, v22.4s, v23.4s
	WORD $0x4f9f8a56 // mul v22.4s, v18.4s, v31.s[2]
	WORD $0x4ebd86d6 // add v22.4s, v22.4s, v29.4s
	WORD $0x4f3806d2 // sshr v18.4s, v22.4s, #8
	WORD $0x4f9f8a77 // mul v23.4s, v19.4s, v31.s[2]
	WORD $0x4ebd86f7 // add v23.4s, v23.4s, v29.4s
	WORD $0x4f3806f3 // sshr v19.4s, v23.4s, #8
	WORD $0x4f2b5516 // shl v22.4s, v8.4s, #11
	WORD $0x4f2b5597 // shl v23.4s, v12.4s, #11
	WORD $0x4ebc86d6 // add v22.4s, v22.4s, v28.4s
	WORD $0x6eb786d8 // sub v24.4s, v22.4s, v23.4s
	WORD $0x4eb786d6 // add v22.4s, v22.4s, v23.4s
	WORD $0x6eb486da // sub v26.4s, v22.4s, v20.4s
	WORD $0x4eb486d9 // add v25.4s, v22.4s, v20.4s
	WORD $0x6eb58716 // sub v22.4s, v24.4s, v21.4s
	WORD $0x4eb58718 // add v24.4s, v24.4s, v21.4s
	WORD $0x6eb08737 // sub v23.4s, v25.4s, v16.4s
	WORD $0x4eb08730 // add v16.4s, v25.4s, v16.4s
	WORD $0x6eb18754 // sub v20.4s, v26.4s, v17.4s
	WORD $0x4eb18759 // add v25.4s, v26.4s, v17.4s
	WORD $0x6eb2871a // sub v26.4s, v24.4s, v18.4s
	WORD $0x4eb28711 // add v17.4s, v24.4s, v18.4s
	WORD $0x6eb386d5 // sub v21.4s, v22.4s, v19.4s
	WORD $0x4eb386d2 // add v18.4s, v22.4s, v19.4s
	WORD $0x4eb91f33 // mov v19.16b, v25.16b
	WORD $0x4eba1f56 // mov v22.16b, v26.16b
	WORD $0x4f380610 // sshr v16.4s, v16.4s, #8
	WORD $0x4f380631 // sshr v17.4s, v17.4s, #8
	WORD $0x4f380652 // sshr v18.4s, v18.4s, #8
	WORD $0x4f380673 // sshr v19.4s, v19.4s, #8
	WORD $0x4f380694 // sshr v20.4s, v20.4s, #8
	WORD $0x4f3806b5 // sshr v21.4s, v21.4s, #8
	WORD $0x4f3806d6 // sshr v22.4s, v22.4s, #8
	WORD $0x4f3806f7 // sshr v23.4s, v23.4s, #8
	WORD $0x4e923a18 // zip1 v24.4s, v16.4s, v18.4s
	WORD $0x4e927a19 // zip2 v25.4s, v16.4s, v18.4s
	WORD $0x4e933a3a // zip1 v26.4s, v17.4s, v19.4s
	WORD $0x4e937a2b // zip2 v11.4s, v17.4s, v19.4s
	WORD $0x4e9a3b08 // zip1 v8.4s, v24.4s, v26.4s
	WORD $0x4e9a7b09 // zip2 v9.4s, v24.4s, v26.4s
	WORD $0x4e8b3b2a // zip1 v10.4s, v25.4s, v11.4s
	WORD $0x4e8b7b2b // zip2 v11.4s, v25.4s, v11.4s
	WORD $0x4e963a98 // zip1 v24.4s, v20.4s, v22.4s
	WORD $0x4e967a99 // zip2 v25.4s, v20.4s, v22.4s
	WORD $0x4e973aba // zip1 v26.4s, v21.4s, v23.4s
	WORD $0x4e977aaf // zip2 v15.4s, v21.4s, v23.4s
	WORD $0x4e9a3b0c // zip1 v12.4s, v24.4s, v26.4s
	WORD $0x4e9a7b0d // zip2 v13.4s, v24.4s, v26.4s
	WORD $0x4e8f3b2e // zip1 v14.4s, v25.4s, v15.4s
	WORD $0x4e8f7b2f // zip2 v15.4s, v25.4s, v15.4s
	WORD $0x4f01241c // movi v28.4s, #0x20, lsl #8
	WORD $0x4f9e8030 // mul v16.4s, v1.4s, v30.s[0]
	WORD $0x6fbf0170 // mla v16.4s, v11.4s, v31.s[1]
	WORD $0x4fbf8031 // mul v17.4s, v1.4s, v31.s[1]
	WORD $0x6f9e4171 // mls v17.4s, v11.4s, v30.s[0]
	WORD $0x4fbe8932 // mul v18.4s, v9.4s, v30.s[3]
	WORD $0x6f9e0872 // mla v18.4s, v3.4s, v30.s[2]
	WORD $0x4f9e8933 // mul v19.4s, v9.4s, v30.s[2]
	WORD $0x6fbe4873 // mls v19.4s, v3.4s, v30.s[3]
	WORD $0x4fbe8054 // mul v20.4s, v2.4s, v30.s[1]
	WORD $0x6f9f0154 // mla v20.4s, v10.4s, v31.s[0]
	WORD $0x4f9f8055 // mul v21.4s, v2.4s, v31.s[0]
	WORD $0x6fbe4155 // mls v21.4s, v10.4s, v30.s[1]
	WORD $0x4ebb8610 // add v16.4s, v16.4s, v27.4s
	WORD $0x4f3d0610 // sshr v16.4s, v16.4s, #3
	WORD $0x4ebb8631 // add v17.4s, v17.4s, v27.4s
	WORD $0x4f3d0631 // sshr v17.4s, v17.4s, #3
	WORD $0x4ebb8652 // add v18.4s, v18.4s, v27.4s
	WORD $0x4f3d0652 // sshr v18.4s, v18.4s, #3
	WORD $0x4ebb8673 // add v19.4s, v19.4s, v27.4s
	WORD $0x4f3d0673 // sshr v19.4s, v19.4s, #3
	WORD $0x4ebb8694 // add v20.4s, v20.4s, v27.4s
	WORD $0x4f3d0694 // sshr v20.4s, v20.4s, #3
	WORD $0x4ebb86b5 // add v21.4s, v21.4s, v27.4s
	WORD $0x4f3d06b5 // sshr v21.4s, v21.4s, #3
	WORD $0x6eb28616 // sub v22.4s, v16.4s, v18.4s
	WORD $0x4eb28610 // add v16.4s, v16.4s, v18.4s
	WORD $0x6eb38637 // sub v23.4s, v17.4s, v19.4s
	WORD $0x4eb38631 // add v17.4s, v17.4s, v19.4s
	WORD $0x6eb786d3 // sub v19.4s, v22.4s, v23.4s
	WORD $0x4eb786d2 // add v18.4s, v22.4s, v23.4s
	WORD $0x4f9f8a56 // mul v22.4s, v18.4s, v31.s[2]
	WORD $0x4ebd86d6 // add v22.4s, v22.4s, v29.4s
	WORD $0x4f3806d2 // sshr v18.4s, v22.4s, #8
	WORD $0x4f9f8a77 // mul v23.4s, v19.4s, v31.s[2]
	WORD $0x4ebd86f7 // add v23.4s, v23.4s, v29.4s
	WORD $0x4f3806f3 // sshr v19.4s, v23.4s, #8
	WORD $0x4f285416 // shl v22.4s, v0.4s, #8
	WORD $0x4f285517 // shl v23.4s, v8.4s, #8
	WORD $0x4ebc86d6 // add v22.4s, v22.4s, v28.4s
	WORD $0x6eb786d8 // sub v24.4s, v22.4s, v23.4s
	WORD $0x4eb786d6 // add v22.4s, v22.4s, v23.4s
	WORD $0x6eb486da // sub v26.4s, v22.4s, v20.4s
	WORD $0x4eb486d9 // add v25.4s, v22.4s, v20.4s
	WORD $0x6eb58716 // sub v22.4s, v24.4s, v21.4s
	WORD $0x4eb58718 // add v24.4s, v24.4s, v21.4s
	WORD $0x6eb08737 // sub v23.4s, v25.4s, v16.4s
	WORD $0x4eb08730 // add v16.4s, v25.4s, v16.4s
	WORD $0x6eb18754 // sub v20.4s, v26.4s, v17.4s
	WORD $0x4eb18759 // add v25.4s, v26.4s, v17.4s
	WORD $0x6eb2871a // sub v26.4s, v24.4s, v18.4s
	WORD $0x4eb28711 // add v17.4s, v24.4s, v18.4s
	WORD $0x6eb386d5 // sub v21.4s, v22.4s, v19.4s
	WORD $0x4eb386d2 // add v18.4s, v22.4s, v19.4s
	WORD $0x4eb91f33 // mov v19.16b, v25.16b
	WORD $0x4eba1f56 // mov v22.16b, v26.16b
	WORD $0x0f129600 // sqshrn v0.4h, v16.4s, #14
	WORD $0x0f129621 // sqshrn v1.4h, v17.4s, #14
	WORD $0x0f129642 // sqshrn v2.4h, v18.4s, #14
	WORD $0x0f129663 // sqshrn v3.4h, v19.4s, #14
	WORD $0x0f129688 // sqshrn v8.4h, v20.4s, #14
	WORD $0x0f1296a9 // sqshrn v9.4h, v21.4s, #14
	WORD $0x0f1296ca // sqshrn v10.4h, v22.4s, #14
	WORD $0x0f1296eb // sqshrn v11.4h, v23.4s, #14
	WORD $0x4f9e80b0 // mul v16.4s, v5.4s, v30.s[0]
	WORD $0x6fbf01f0 // mla v16.4s, v15.4s, v31.s[1]
	WORD $0x4fbf80b1 // mul v17.4s, v5.4s, v31.s[1]
	WORD $0x6f9e41f1 // mls v17.4s, v15.4s, v30.s[0]
	WORD $0x4fbe89b2 // mul v18.4s, v13.4s, v30.s[3]
	WORD $0x6f9e08f2 // mla v18.4s, v7.4s, v30.s[2]
	WORD $0x4f9e89b3 // mul v19.4s, v13.4s, v30.s[2]
	WORD $0x6fbe48f3 // mls v19.4s, v7.4s, v30.s[3]
	WORD $0x4fbe80d4 // mul v20.4s, v6.4s, v30.s[1]
	WORD $0x6f9f01d4 // mla v20.4s, v14.4s, v31.s[0]
	WORD $0x4f9f80d5 // mul v21.4s, v6.4s, v31.s[0]
	WORD $0x6fbe41d5 // mls v21.4s, v14.4s, v30.s[1]
	WORD $0x4ebb8610 // add v16.4s, v16.4s, v27.4s
	WORD $0x4f3d0610 // sshr v16.4s, v16.4s, #3
	WORD $0x4ebb8631 // add v17.4s, v17.4s, v27.4s
	WORD $0x4f3d0631 // sshr v17.4s, v17.4s, #3
	WORD $0x4ebb8652 // add v18.4s, v18.4s, v27.4s
	WORD $0x4f3d0652 // sshr v18.4s, v18.4s, #3
	WORD $0x4ebb8673 // add v19.4s, v19.4s, v27.4s
	WORD $0x4f3d0673 // sshr v19.4s, v19.4s, #3
	WORD $0x4ebb8694 // add v20.4s, v20.4s, v27.4s
	WORD $0x4f3d0694 // sshr v20.4s, v20.4s, #3
	WORD $0x4ebb86b5 // add v21.4s, v21.4s, v27.4s
	WORD $0x4f3d06b5 // sshr v21.4s, v21.4s, #3
	WORD $0x6eb28616 // sub v22.4s, v16.4s, v18.4s
	WORD $0x4eb28610 // add v16.4s, v16.4s, v18.4s
	WORD $0x6eb38637 // sub v23.4s, v17.4s, v19.4s
	WORD $0x4eb38631 // add v17.4s, v17.4s, v19.4s
	WORD $0x6eb786d3 // sub v19.4s, v22.4s, v23.4s
	WORD $0x4eb786d2 // add v18.4s, v22.4s, v23.4s
	WORD $0x4f9f8a56 // mul v22.4s, v18.4s, v31.s[2]
	WORD $0x4ebd86d6 // add v22.4s, v22.4s, v29.4s
	WORD $0x4f3806d2 // sshr v18.4s, v22.4s, #8
	WORD $0x4f9f8a77 // mul v23.4s, v19.4s, v31.s[2]
	WORD $0x4ebd86f7 // add v23.4s, v23.4s, v29.4s
	WORD $0x4f3806f3 // sshr v19.4s, v23.4s, #8
	WORD $0x4f285496 // shl v22.4s, v4.4s, #8
	WORD $0x4f285597 // shl v23.4s, v12.4s, #8
	WORD $0x4ebc86d6 // add v22.4s, v22.4s, v28.4s
	WORD $0x6eb786d8 // sub v24.4s, v22.4s, v23.4s
	WORD $0x4eb786d6 // add v22.4s, v22.4s, v23.4s
	WORD $0x6eb486da // sub v26.4s, v22.4s, v20.4s
	WORD $0x4eb486d9 // add v25.4s, v22.4s, v20.4s
	WORD $0x6eb58716 // sub v22.4s, v24.4s, v21.4s
	WORD $0x4eb58718 // add v24.4s, v24.4s, v21.4s
	WORD $0x6eb08737 // sub v23.4s, v25.4s, v16.4s
	WORD $0x4eb08730 // add v16.4s, v25.4s, v16.4s
	WORD $0x6eb18754 // sub v20.4s, v26.4s, v17.4s
	WORD $0x4eb18759 // add v25.4s, v26.4s, v17.4s
	WORD $0x6eb2871a // sub v26.4s, v24.4s, v18.4s
	WORD $0x4eb28711 // add v17.4s, v24.4s, v18.4s
	WORD $0x6eb386d5 // sub v21.4s, v22.4s, v19.4s
	WORD $0x4eb386d2 // add v18.4s, v22.4s, v19.4s
	WORD $0x4eb91f33 // mov v19.16b, v25.16b
	WORD $0x4eba1f56 // mov v22.16b, v26.16b
	WORD $0x4f129600 // sqshrn2 v0.8h, v16.4s, #14
	WORD $0x4f129621 // sqshrn2 v1.8h, v17.4s, #14
	WORD $0x4f129642 // sqshrn2 v2.8h, v18.4s, #14
	WORD $0x4f129663 // sqshrn2 v3.8h, v19.4s, #14
	WORD $0x4f129688 // sqshrn2 v8.8h, v20.4s, #14
	WORD $0x4f1296a9 // sqshrn2 v9.8h, v21.4s, #14
	WORD $0x4f1296ca // sqshrn2 v10.8h, v22.4s, #14
	WORD $0x4f1296eb // sqshrn2 v11.8h, v23.4s, #14
	WORD $0x4f04841c // movi v28.8h, #0x80
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x2e212800 // sqxtun v0.8b, v0.8h
	WORD $0x0c827020 // st1 {v0.8b}, [x1], x2
	WORD $0x4e7c0c21 // sqadd v1.8h, v1.8h, v28.8h
	WORD $0x2e212821 // sqxtun v1.8b, v1.8h
	WORD $0x0c827021 // st1 {v1.8b}, [x1], x2
	WORD $0x4e7c0c42 // sqadd v2.8h, v2.8h, v28.8h
	WORD $0x2e212842 // sqxtun v2.8b, v2.8h
	WORD $0x0c827022 // st1 {v2.8b}, [x1], x2
	WORD $0x4e7c0c63 // sqadd v3.8h, v3.8h, v28.8h
	WORD $0x2e212863 // sqxtun v3.8b, v3.8h
	WORD $0x0c827023 // st1 {v3.8b}, [x1], x2
	WORD $0x4e7c0d08 // sqadd v8.8h, v8.8h, v28.8h
	WORD $0x2e212908 // sqxtun v8.8b, v8.8h
	WORD $0x0c827028 // st1 {v8.8b}, [x1], x2
	WORD $0x4e7c0d29 // sqadd v9.8h, v9.8h, v28.8h
	WORD $0x2e212929 // sqxtun v9.8b, v9.8h
	WORD $0x0c827029 // st1 {v9.8b}, [x1], x2
	WORD $0x4e7c0d4a // sqadd v10.8h, v10.8h, v28.8h
	WORD $0x2e21294a // sqxtun v10.8b, v10.8h
	WORD $0x0c82702a // st1 {v10.8b}, [x1], x2
	WORD $0x4e7c0d6b // sqadd v11.8h, v11.8h, v28.8h
	WORD $0x2e21296b // sqxtun v11.8b, v11.8h
	WORD $0x0c82702b // st1 {v11.8b}, [x1], x2
	RET

// func transform4Vector(b *[16]int32, out *byte, stride int)
TEXT ·transform4Vector(SB), NOSPLIT, $0-24
	MOVD b+0(FP), R0
	MOVD out+8(FP), R1
	MOVD stride+16(FP), R2
	MOVD $factors4<>(SB), R3
	WORD $0xfd40007e // ldr d30, [x3]
	WORD $0xad400400 // ldp q0, q1, [x0]
	WORD $0xad410c02 // ldp q2, q3, [x0, #32]
	WORD $0x4f04041c // movi v28.4s, #0x80
	WORD $0x4f9e8024 // mul v4.4s, v1.4s, v30.s[0]
	WORD $0x6fbe0064 // mla v4.4s, v3.4s, v30.s[1]
	WORD $0x4fbe8025 // mul v5.4s, v1.4s, v30.s[1]
	WORD $0x6f9e4065 // mls v5.4s, v3.4s, v30.s[0]
	WORD $0x6ea28407 // sub v7.4s, v0.4s, v2.4s
	WORD $0x4ea28406 // add v6.4s, v0.4s, v2.4s
	WORD $0x4f2d54c6 // shl v6.4s, v6.4s, #13
	WORD $0x4f2d54e7 // shl v7.4s, v7.4s, #13
	WORD $0x4ebc84c6 // add v6.4s, v6.4s, v28.4s
	WORD $0x4ebc84e7 // add v7.4s, v7.4s, v28.4s
	WORD $0x6ea484d3 // sub v19.4s, v6.4s, v4.4s
	WORD $0x4ea484d0 // add v16.4s, v6.4s, v4.4s
	WORD $0x6ea584f2 // sub v18.4s, v7.4s, v5.4s
	WORD $0x4ea584f1 // add v17.4s, v7.4s, v5.4s
	WORD $0x4f380610 // sshr v16.4s, v16.4s, #8
	WORD $0x4f380631 // sshr v17.4s, v17.4s, #8
	WORD $0x4f380652 // sshr v18.4s, v18.4s, #8
	WORD $0x4f380673 // sshr v19.4s, v19.4s, #8
	WORD $0x4e923a18 // zip1 v24.4s, v16.4s, v18.4s
	WORD $0x4e927a19 // zip2 v25.4s, v16.4s, v18.4s
	WORD $0x4e933a3a // zip1 v26.4s, v17.4s, v19.4s
	WORD $0x4e937a23 // zip2 v3.4s, v17.4s, v19.4s
	WORD $0x4e9a3b00 // zip1 v0.4s, v24.4s, v26.4s
	WORD $0x4e9a7b01 // zip2 v1.4s, v24.4s, v26.4s
	WORD $0x4e833b22 // zip1 v2.4s, v25.4s, v3.4s
	WORD $0x4e837b23 // zip2 v3.4s, v25.4s, v3.4s
	WORD $0x4f00461c // movi v28.4s, #0x10, lsl #16
	WORD $0x4f9e8024 // mul v4.4s, v1.4s, v30.s[0]
	WORD $0x6fbe0064 // mla v4.4s, v3.4s, v30.s[1]
	WORD $0x4fbe8025 // mul v5.4s, v1.4s, v30.s[1]
	WORD $0x6f9e4065 // mls v5.4s, v3.4s, v30.s[0]
	WORD $0x6ea28407 // sub v7.4s, v0.4s, v2.4s
	WORD $0x4ea28406 // add v6.4s, v0.4s, v2.4s
	WORD $0x4f2d54c6 // shl v6.4s, v6.4s, #13
	WORD $0x4f2d54e7 // shl v7.4s, v7.4s, #13
	WORD $0x4ebc84c6 // add v6.4s, v6.4s, v28.4s
	WORD $0x4ebc84e7 // add v7.4s, v7.4s, v28.4s
	WORD $0x6ea484d3 // sub v19.4s, v6.4s, v4.4s
	WORD $0x4ea484d0 // add v16.4s, v6.4s, v4.4s
	WORD $0x6ea584f2 // sub v18.4s, v7.4s, v5.4s
	WORD $0x4ea584f1 // add v17.4s, v7.4s, v5.4s
	WORD $0x4f00a61c // movi v28.8h, #0x10, lsl #8
	WORD $0x0f108600 // shrn v0.4h, v16.4s, #16
	WORD $0x0f108641 // shrn v1.4h, v18.4s, #16
	WORD $0x4f108620 // shrn2 v0.8h, v17.4s, #16
	WORD $0x4f108661 // shrn2 v1.8h, v19.4s, #16
	WORD $0x4e7c0c00 // sqadd v0.8h, v0.8h, v28.8h
	WORD $0x4e7c0c21 // sqadd v1.8h, v1.8h, v28.8h
	WORD $0x2f0b8400 // sqshrun v0.8b, v0.8h, #5
	WORD $0x2f0b8421 // sqshrun v1.8b, v1.8h, #5
	WORD $0x0d828020 // st1 {v0.s}[0], [x1], x2
	WORD $0x0d829020 // st1 {v0.s}[1], [x1], x2
	WORD $0x0d828021 // st1 {v1.s}[0], [x1], x2
	WORD $0x0d009021 // st1 {v1.s}[1], [x1]
	RET
